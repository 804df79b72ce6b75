/**
 * Models: the architectures that unlearning experiments use, as builders of plain `tf.LayersModel`s. Nothing in them knows of Lethe: they
 * are compiled, trained, saved and loaded like any other network, and Lethe treats them like any other network. Also the list of them for
 * menus.
 */
export { mlp, type HiddenActivation, type MlpOptions } from "./mlp.ts";
export { smallCnn, type SmallCnnOptions } from "./small-cnn.ts";
export { smallResNet, type SmallResNetOptions } from "./small-res-net.ts";
export type { ClassifierOptions, ModelEnding } from "./classifier.ts";
export { modelBuilders, type ModelBuilder } from "./registry.ts";
