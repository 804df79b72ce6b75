import * as tf from "@tensorflow/tfjs";

/** One shader reads all operands and writes the sum; this many buffers are the least that WebGPU promises a shader, and tfjs asks for no more. */
const buffersOfShader = 8;

/**
 * Kernel AddN, a few operands at a time: tfjs hands all of them to one shader, which the GPU refuses where they are more than it has buffers for, and the
 * sum is zeros, without a word. Every weight that is used often, and every residual network, is such a sum on the way back.
 */
export function addInPortions(): void {
  const stock = tf.getKernel(tf.AddN, "webgpu");
  if (stock === undefined) return;
  const atOnce = buffersOfShader - 1;
  tf.unregisterKernel(tf.AddN, "webgpu");
  tf.registerKernel({
    ...stock,
    kernelFunc: ({ inputs, attrs, backend }) => {
      const add = (operands: readonly tf.TensorInfo[]): tf.TensorInfo =>
        stock.kernelFunc({ inputs: operands as unknown as tf.NamedTensorInfoMap, attrs, backend }) as tf.TensorInfo;
      const [first, ...others] = Object.values(inputs) as tf.TensorInfo[];
      let sum = add([first, ...others.splice(0, atOnce - 1)] as tf.TensorInfo[]);
      while (others.length > 0) {
        const previous = sum;
        sum = add([previous, ...others.splice(0, atOnce - 1)]);
        (backend as { disposeData(dataId: object): boolean }).disposeData(previous.dataId);
      }
      return sum;
    },
  });
}
