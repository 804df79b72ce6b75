/**
 * Models: the architectures that unlearning experiments use, as builders of plain `tf.LayersModel`s. Nothing in them knows of Lethe: they
 * are compiled, trained, saved and loaded like any other network, and Lethe treats them like any other network. Also the list of them for
 * menus.
 */
export { allCnn, type AllCnnOptions } from "./all-cnn.ts";
export { lenet5, type LeNet5Options } from "./lenet5.ts";
export { mlp, type HiddenActivation, type MlpOptions } from "./mlp.ts";
export { resNet, type ResNetOptions } from "./res-net.ts";
export { smallCnn, type SmallCnnOptions } from "./small-cnn.ts";
export { smallResNet, type SmallResNetOptions } from "./small-res-net.ts";
export { textMean, type TextMeanOptions } from "./text-mean.ts";
export { textTransformer, type TextTransformerOptions } from "./text-transformer.ts";
export { smallVggStages, vgg, vgg16Stages, type VggOptions } from "./vgg.ts";
export { vit, vitSizes, type VitOptions } from "./vit.ts";
export { wideResNet, type WideResNetOptions } from "./wide-res-net.ts";
export type { ClassifierOptions, ModelEnding } from "./classifier.ts";
export { modelBuilders, type BuilderOptions, type ModelBuilder, type ModelId } from "./registry.ts";
export { registerLayers } from "./custom-layers/register.ts";
export { exportWeights, importWeights, weightNames } from "./weights/index.ts";
export type { ExportWeightsOptions, ImportWeightsOptions, WeightNames } from "./weights/index.ts";
