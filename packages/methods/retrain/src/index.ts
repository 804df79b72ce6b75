/** Retraining from scratch on the retained data: the exact answer to any request, and the reference for all others. */
export { retrain, retrainMethod } from "./retrain.ts";
export { recipeFor, type RetrainInput, type RetrainOptions } from "./options.ts";
