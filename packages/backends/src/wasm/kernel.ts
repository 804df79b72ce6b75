import * as tf from "@tensorflow/tfjs";
import { LetheError } from "@lethe/core";

/** The part of tfjs-backend-wasm's backend that the kernels here stand on; the package itself stays an optional peer. */
export interface WasmBackend extends tf.KernelBackend {
  readonly wasm: { readonly HEAPU8: Uint8Array; readonly asm?: { readonly memory?: unknown } };
  readonly dataIdMap: { get(dataId: object): { readonly memoryOffset: number } };
  makeOutput(shape: readonly number[], dtype: tf.DataType): tf.TensorInfo;
}

export type Inputs = Readonly<Record<string, tf.TensorInfo>>;

/** A kernel as it is written here: typed arguments in, one tensor out. */
export type WasmKernel<Attributes extends object> = (backend: WasmBackend, inputs: Inputs, attributes: Attributes) => tf.TensorInfo;

/** Byte address of a tensor's first element. It stays valid when the heap grows; a view of the heap does not. */
export function address(backend: WasmBackend, tensor: tf.TensorInfo): number {
  return backend.dataIdMap.get(tensor.dataId).memoryOffset;
}

/** The tensor's values where they lie in the heap: valid until the next allocation. */
export function floats(backend: WasmBackend, tensor: tf.TensorInfo): Float32Array {
  return new Float32Array(backend.wasm.HEAPU8.buffer, address(backend, tensor), tf.util.sizeFromShape(tensor.shape));
}

export function output(backend: WasmBackend, shape: readonly number[]): tf.TensorInfo {
  return backend.makeOutput(shape, "float32");
}

/** As {@link output}, filled with zeros: fresh heap memory holds whatever was there before. */
export function zeros(backend: WasmBackend, shape: readonly number[]): tf.TensorInfo {
  const out = output(backend, shape);
  floats(backend, out).fill(0);
  return out;
}

/**
 * Runs another kernel below the engine: nothing is recorded on the gradient tape or tracked by a tidy, so the caller hands the result on
 * or releases it with {@link dispose}.
 */
export function call(backend: WasmBackend, name: string, inputs: Inputs, attributes: object = {}): tf.TensorInfo {
  const kernel = stockKernel(name);
  return kernel.kernelFunc({
    inputs: inputs as tf.NamedTensorInfoMap,
    attrs: attributes as tf.NamedAttrMap,
    backend,
  }) as tf.TensorInfo;
}

/** A view with another shape on the same values, counted as one more reference. */
export function reshape(backend: WasmBackend, x: tf.TensorInfo, shape: readonly number[]): tf.TensorInfo {
  return call(backend, "Reshape", { x }, { shape });
}

export function transpose(backend: WasmBackend, x: tf.TensorInfo, perm: readonly number[]): tf.TensorInfo {
  return call(backend, "Transpose", { x }, { perm });
}

export function dispose(backend: WasmBackend, ...tensors: readonly tf.TensorInfo[]): void {
  for (const tensor of tensors) backend.disposeData(tensor.dataId);
}

function stockKernel(name: string): tf.KernelConfig {
  const kernel = tf.getKernel(name, "wasm");
  if (kernel) return kernel;
  throw new LetheError(
    "backend/unavailable",
    `The wasm backend has no kernel ${name}: import "@tensorflow/tfjs-backend-wasm" before completing it.`,
    { kernel: name },
  );
}

/** Registers a kernel for the wasm backend under a name that may be taken, without tfjs's warning about it. */
export function register<Attributes extends object>(name: string, kernel: WasmKernel<Attributes>): void {
  const stock = tf.getKernel(name, "wasm");
  if (stock) tf.unregisterKernel(name, "wasm");
  // The stock set-up is kept: it binds the C++ function that other kernels (or the new one) still call through the stock code.
  tf.registerKernel({
    ...stock,
    kernelName: name,
    backendName: "wasm",
    kernelFunc: ({ inputs, attrs, backend }) => kernel(backend as WasmBackend, inputs as Inputs, attrs as Attributes),
  });
}

/** Registers a kernel that takes over where it can (`undefined` means: not this case) and leaves the rest to the stock one. */
export function improve<Attributes extends object>(
  name: string,
  kernel: (backend: WasmBackend, inputs: Inputs, attributes: Attributes) => tf.TensorInfo | undefined,
): void {
  const stock = stockKernel(name).kernelFunc;
  register<Attributes>(
    name,
    (backend, inputs, attributes) =>
      kernel(backend, inputs, attributes) ??
      (stock({
        inputs: inputs as tf.NamedTensorInfoMap,
        attrs: attributes as tf.NamedAttrMap,
        backend,
      }) as tf.TensorInfo),
  );
}
