/** Fine-tuning on the retained data: the baseline that every approximate method should beat. */
export { finetune, finetuneMethod, finetuningRecipe } from "./finetune.ts";
export type { FinetuneInput, FinetuneOptions } from "./options.ts";
