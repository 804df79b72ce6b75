import * as tf from "@tensorflow/tfjs";

/**
 * Kernels Cumsum and Cumprod from the end, as the same from the beginning of what was reversed: tfjs writes the length of the axis into their shaders and then
 * takes the shader of one length for every other, so that all but the first length that a process meets is wrong.
 */
export function accumulateFromTheBeginning(): void {
  const reverse = tf.getKernel(tf.Reverse, "webgpu");
  if (reverse === undefined) return;
  for (const name of [tf.Cumsum, tf.Cumprod]) {
    const stock = tf.getKernel(name, "webgpu");
    if (stock === undefined) continue;
    tf.unregisterKernel(name, "webgpu");
    tf.registerKernel({
      ...stock,
      kernelFunc: (call) => {
        const { inputs, backend } = call;
        const attributes = call.attrs as unknown as { readonly axis: number; readonly exclusive: boolean; readonly reverse: boolean };
        if (!attributes.reverse) return stock.kernelFunc(call);
        const x = inputs["x"] as tf.TensorInfo;
        const [dim] = tf.util.parseAxisParam(attributes.axis, x.shape);
        const flip = (given: tf.TensorInfo) => reverse.kernelFunc({ inputs: { x: given }, attrs: { dims: [dim] }, backend }) as tf.TensorInfo;
        const dispose = ({ dataId }: tf.TensorInfo) => (backend as { disposeData(dataId: object): boolean }).disposeData(dataId);
        const flipped = flip(x);
        const attrs = { ...attributes, reverse: false } as unknown as tf.NamedAttrMap;
        const sums = stock.kernelFunc({ inputs: { x: flipped }, attrs, backend }) as tf.TensorInfo;
        const result = flip(sums);
        dispose(flipped);
        dispose(sums);
        return result;
      },
    });
  }
}
