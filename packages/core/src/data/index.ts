/** Data: what a data set is, views of it, batches of it, and the checks that stand at its door. */
export { hashDataset, identifyDataset, type Columns, type Dataset, type Samples } from "./dataset.ts";
export { arrayDataset, type ArrayDatasetInput } from "./array-dataset.ts";
export { computedDataset, type ComputedDatasetInput } from "./computed-dataset.ts";
export { subset } from "./subset.ts";
export { batchesOf, readBatch, readTensors, type TensorBatch } from "./batches.ts";
export { validateDataset, validateSamples } from "./validate.ts";
export { selectForget, type ForgetSelection } from "./forget.ts";
export { augmentImages, type Augmentation } from "./augment.ts";
