import * as tf from "@tensorflow/tfjs";

type Engine = ReturnType<typeof tf.engine>;
type CustomGradient = Parameters<Engine["customGrad"]>[0];

type Inputs = Readonly<Record<string, tf.Tensor>> & { readonly bias?: tf.Tensor };

interface Attributes {
  readonly strides: number | [number, number];
  readonly pad: "same" | "valid" | number;
  readonly dataFormat?: "NHWC" | "NCHW";
  readonly dilations?: number | [number, number];
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/** What a fused kernel does but for its bias. There is no activation: inside a gradient tfjs fuses none. */
const parts: Readonly<Record<string, (inputs: Inputs, attributes: Attributes) => tf.Tensor>> = {
  [tf.FusedConv2D]: ({ x, filter }, { strides, pad, dataFormat, dilations, dimRoundingMode }) =>
    tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, pad, dataFormat, dilations, dimRoundingMode),
  [tf.FusedDepthwiseConv2D]: ({ x, filter }, { strides, pad, dataFormat, dilations, dimRoundingMode }) =>
    tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, pad, dataFormat, dilations, dimRoundingMode),
  _FusedMatMul: ({ a, b }, { transposeA, transposeB }) => tf.matMul(a, b, transposeA, transposeB),
};

/** The methods by which an operation does anything, for as long as it is watched. */
interface Watched {
  runKernel(kernelName: string, inputs: Inputs, attributes: Attributes): tf.Tensor;
  customGrad: Engine["customGrad"];
}

class NotFused extends Error {}

/**
 * The value of an operation that was made with `tf.customGrad`, computed in sight of differentiation, where it is one of tfjs's fused layers; undefined
 * where it is another, of which nothing has been computed then.
 *
 * The gradient that tfjs gives a fused layer comes in one piece, with parts that nobody asked for: that by a network's images costs as much as a
 * layer. And it is hidden, so that the layer would have to be computed twice to be differentiated twice. The gradients of its parts are neither.
 */
export function unfused(engine: Engine, operation: CustomGradient, inputs: readonly tf.Tensor[]): tf.Tensor | undefined {
  const watched = engine as unknown as Watched;
  const own = Object.hasOwn(engine, "runKernel");
  const { runKernel, customGrad } = watched;
  const restore = (): void => {
    watched.customGrad = customGrad;
    if (own) watched.runKernel = runKernel;
    else delete (watched as Partial<Watched>).runKernel;
  };
  // The kernel that runs first tells what the operation is: a fused layer hands all of its inputs to its own, and after that at most changes the shape.
  let result: tf.Tensor | undefined;
  watched.runKernel = (kernelName, given, attributes) => {
    restore();
    const taken = Object.values(given).filter((each) => each !== undefined && each !== null);
    const takesAll = taken.length === inputs.length && taken.every((each) => inputs.includes(each));
    if (!(kernelName in parts) || !takesAll) throw new NotFused();
    const product = parts[kernelName](given, attributes);
    return (result = given.bias ? tf.add(product, given.bias) : product);
  };
  watched.customGrad = () => {
    throw new NotFused();
  };
  try {
    const { value } = operation(...inputs, () => undefined);
    return result && value;
  } catch (error) {
    if (error instanceof NotFused) return undefined;
    throw error;
  } finally {
    restore();
  }
}
