import * as tf from "@tensorflow/tfjs";
import {
  batchesOf,
  readBatch,
  toHost,
  type Context,
  type Dataset,
  type HostTree,
  type Model,
  type Random,
  type TensorTree,
  type Weights,
} from "@lethe/core";

/**
 * Batch-norm statistics of given parameters, anew: the mean over batches of the statistics of each batch, weighted by its samples.
 *
 * A layer shows its batch statistics s only mixed with those that it had, m old + (1 - m) s. Passes that begin from zeros and from ones give (1 - m) s and
 * m + (1 - m) s, and so m and s. What no forward pass writes, such as the weights of frozen layers, stays as it is given, as does what mixes otherwise.
 *
 * @returns all buffers of the model, on the host.
 */
export async function recomputeStatistics(
  model: Model,
  weights: Weights,
  data: Dataset,
  { context, batchSize }: { readonly context: Context; readonly batchSize: number },
): Promise<HostTree> {
  const given = await toHost(weights.buffers);
  const sums = new Map<string, Float64Array>();
  let shares: ReadonlyMap<string, number> | undefined;
  let seen = 0;
  let batch = 0;
  for (const positions of batchesOf(data.size, batchSize)) {
    await context.pause();
    const { inputs, labels } = await readBatch(data, positions);
    const pass: Pass = { model, weights, inputs, random: context.random.split("statistics", batch++) };
    try {
      shares ??= await sharesOf(pass);
      const after = await writtenBy(pass, { names: [...shares.keys()], value: 0 });
      for (const [name, share] of shares) {
        const { values } = after[name];
        const sum = sums.get(name) ?? new Float64Array(values.length);
        for (let i = 0; i < sum.length; i++) sum[i] += (positions.length * values[i]) / share;
        sums.set(name, sum);
      }
    } finally {
      tf.dispose([inputs, labels]);
    }
    seen += positions.length;
    context.meter.forward(positions.length);
    context.report({ phase: "batch-norm statistics", completed: seen, total: data.size, unit: "samples" });
  }
  return Object.fromEntries(
    Object.entries(given).map(([name, tensor]) => {
      const sum = sums.get(name);
      return [name, sum === undefined ? tensor : { shape: tensor.shape, values: Float32Array.from(sum, (value) => value / seen) }];
    }),
  );
}

interface Pass {
  readonly model: Model;
  readonly weights: Weights;
  readonly inputs: tf.Tensor;
  /** For dropout. */
  readonly random: Random;
}

/** 1 - m of every buffer that mixes. */
async function sharesOf(pass: Pass): Promise<ReadonlyMap<string, number>> {
  const names = Object.keys(await writtenBy(pass, { names: [], value: 0 }));
  const [zeros, ones] = [await writtenBy(pass, { names, value: 0 }), await writtenBy(pass, { names, value: 1 })];
  const shares = names.map((name): [string, number] => {
    const values = Array.from(zeros[name].values, Math.abs);
    // Where s is smallest, the difference has the most digits.
    const at = values.indexOf(Math.min(...values));
    return [name, 1 - (ones[name].values[at] - zeros[name].values[at])];
  });
  return new Map(shares.filter(([, share]) => share > 0 && share <= 1));
}

/** What a forward pass in training mode makes of the buffers that it writes, some of them begun from a value of our own. */
async function writtenBy(
  { model, weights, inputs, random }: Pass,
  begin: { readonly names: readonly string[]; readonly value: number },
): Promise<HostTree> {
  const begun = Object.fromEntries(begin.names.map((name) => [name, tf.fill(weights.buffers[name].shape, begin.value)]));
  const before = { ...weights.buffers, ...begun };
  let written: TensorTree = {};
  try {
    tf.tidy(() => {
      // Every pass draws the same dropout.
      const { buffers } = model.forward({ parameters: weights.parameters, buffers: before }, inputs, "training", random.split("dropout"));
      written = Object.fromEntries(Object.entries(buffers).filter(([name, tensor]) => tensor !== before[name]));
    });
    return await toHost(written);
  } finally {
    tf.dispose([begun, written] as tf.TensorContainer);
  }
}
