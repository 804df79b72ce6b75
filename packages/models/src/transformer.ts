import * as tf from "@tensorflow/tfjs";
import { BatchIndices } from "./custom-layers/batch-indices.ts";
import { SelfAttention } from "./custom-layers/self-attention.ts";
import { add, chain, dropout, step, type Step } from "./layers.ts";

export interface EncoderOptions {
  /** d, the length of each token's vector. */
  readonly width: number;
  readonly heads: number;
  /** Units of the hidden layer of each block's perceptron. */
  readonly hidden: number;
  /** Rate after the positions, the attention and the perceptron's two layers; 0 leaves these layers out. */
  readonly dropout: number;
}

/**
 * Normal with standard deviation 0.02, for every kernel, class token and position, as in the code of DeiT; tfjs cuts it off at two deviations,
 * which leaves 0.0176, where that code in effect does not.
 */
export function smallNormal(): ReturnType<typeof tf.initializers.truncatedNormal> {
  return tf.initializers.truncatedNormal({ stddev: 0.02 });
}

/** Layer norm over the last axis, epsilon 1e-6. */
export function layerNorm(name: string): Step {
  return step(tf.layers.layerNormalization({ epsilon: 1e-6, name }));
}

/** A table of vectors `[inputs, width]`, drawn from {@link smallNormal}. */
export function embedding(name: string, inputs: number, width: number): Step {
  return step(tf.layers.embedding({ inputDim: inputs, outputDim: width, embeddingsInitializer: smallNormal(), name }));
}

/** `length` learned vectors `[n, length, width]`, the same for every sample; `input` only says how many samples there are. */
export function learnedVectors(name: string, length: number, width: number): Step {
  return chain(step(new BatchIndices({ length, name: `${name}/index` })), embedding(name, length, width));
}

/** x + learned positions, then dropout. */
export function addPositions(options: EncoderOptions): Step {
  return (input) => {
    const positions = learnedVectors("positions", input.shape[1] as number, options.width)(input);
    return dropout("positions/dropout", options.dropout)(add("positions/add", input, positions));
  };
}

/**
 * Pre-norm encoder blocks `block1`, `block2`, ...: x + project(attention(qkv(norm1(x)))), then x + output(gelu(hidden(norm2(x)))), with gelu(x) = x Phi(x)
 * exactly. All dense layers have biases.
 *
 * @param ids token ids `[n, t]`; no token attends to those with id 0.
 */
export function encoder(depth: number, options: EncoderOptions, ids?: tf.SymbolicTensor): Step {
  return chain(...Array.from({ length: depth }, (_, index) => encoderBlock(`block${index + 1}/`, options, ids)));
}

function encoderBlock(prefix: string, { width, heads, hidden, dropout: rate }: EncoderOptions, ids?: tf.SymbolicTensor): Step {
  const dense = (name: string, units: number, activation?: "gelu"): Step =>
    step(tf.layers.dense({ units, kernelInitializer: smallNormal(), name: `${prefix}${name}`, ...(activation ? { activation } : {}) }));
  const attention = new SelfAttention({ heads, name: `${prefix}attention` });
  const attend: Step = (input) => attention.apply(ids ? [input, ids] : input) as tf.SymbolicTensor;
  const mix = chain(
    layerNorm(`${prefix}norm1`),
    dense("attention/qkv", 3 * width),
    attend,
    dense("attention/project", width),
    dropout(`${prefix}attention/dropout`, rate),
  );
  const think = chain(
    layerNorm(`${prefix}norm2`),
    dense("hidden", hidden, "gelu"),
    dropout(`${prefix}hidden/dropout`, rate),
    dense("output", width),
    dropout(`${prefix}output/dropout`, rate),
  );
  return (input) => {
    const attended = add(`${prefix}add1`, input, mix(input));
    return add(`${prefix}add2`, attended, think(attended));
  };
}
