/**
 * tfjs backends, ready for training: choose the fastest one that is installed, complete the wasm backend (it lacks the kernels that
 * convolutional networks need to learn), mend tfjs-node, and replace the gradients that tfjs computes wastefully. Importing this changes nothing; the
 * functions do.
 */
export { chooseBackend, inspectBackends } from "./choose.ts";
export type { ChooseBackendOptions, ChosenBackend } from "./choose.ts";
export type { BackendName, ConsideredBackend } from "./candidates.ts";
export { completeTensorflowBackend } from "./tensorflow/complete.ts";
export { completeWasmBackend } from "./wasm/complete.ts";
export { adapterName, type GpuAdapter, type GpuLimits } from "./webgpu/adapter.ts";
export { completeWebgpuBackend, synchronise } from "./webgpu/complete.ts";
export { improveGradients } from "./gradients/improve.ts";
