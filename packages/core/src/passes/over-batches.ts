import * as tf from "@tensorflow/tfjs";
import { isTwiceDifferentiable } from "../autodiff/index.ts";
import type { Cost, Meter, Pool, PoolAnswer, PoolSession } from "../context/index.ts";
import { readTensors, type Dataset, type TensorBatch } from "../data/index.ts";
import { toHost, type HostTree } from "../tree/index.ts";
import type { BatchPass, PassInput } from "./batch-pass.ts";
import { describeNetwork } from "./network-text.ts";
import { progressOf, readBatches, samplesIn, type PassOptions, type ReadBatch } from "./read-batches.ts";

/** Batches that every worker has at hand beside the one it computes, so that none waits for another to be read. */
const ahead = 1;

/**
 * What a pass makes of the batches of a data set, in their order: one result for each batch or, of a pass that takes several at once, for as many.
 *
 * Where the context has a pool and the pass can be told to it, workers compute, each its own batches; here they are read before and waited for after.
 * Which batches are computed together does not depend on the number of workers. In this thread alone, a pass that takes several batches at once is given
 * all of them, which changes no more than where its float64 sums are rounded.
 *
 * @throws LetheError `run/aborted`, `data/...`, what the pass throws, and from a pool `pool/...`.
 */
export async function* overBatches<Arguments, Result>(
  pass: BatchPass<Arguments, Result>,
  input: PassInput<Arguments>,
  data: Dataset,
  options: PassOptions,
): AsyncGenerator<Result, void, undefined> {
  const { pool } = options.context;
  const isShared = pool !== undefined && isPlain(input.arguments) && samplesIn(data, options) > 0;
  yield* isShared ? inPool(pool, pass, input, data, options) : inThisThread(pass, input, data, options);
}

async function* inThisThread<Arguments, Result>(
  pass: BatchPass<Arguments, Result>,
  input: PassInput<Arguments>,
  data: Dataset,
  options: PassOptions,
): AsyncGenerator<Result, void, undefined> {
  const compute = pass.begin(input, options.context);
  const advance = progressOf(data, options);
  const batches = readBatches(data, options);
  if (pass.batchesAtOnce > 1) {
    yield await compute(uploaded(watched(batches, advance)));
    return;
  }
  for await (const batch of batches) {
    const result = await compute(uploaded([batch]));
    advance(batch.indices.length);
    yield result;
  }
}

async function* inPool<Arguments, Result>(
  pool: Pool,
  pass: BatchPass<Arguments, Result>,
  input: PassInput<Arguments>,
  data: Dataset,
  options: PassOptions,
): AsyncGenerator<Result, void, undefined> {
  const session = await openSession(pool, pass, input);
  const advance = progressOf(data, options);
  const underWay: { readonly answer: Promise<PoolAnswer>; readonly samples: number }[] = [];
  const next = async (): Promise<Result> => {
    const { answer, samples } = underWay.shift()!;
    const { result, cost } = await answer;
    charge(options.context.meter, cost);
    advance(samples);
    return result as Result;
  };
  try {
    for await (const batches of groups(readBatches(data, options), pass.batchesAtOnce)) {
      const answer = session.compute(batches.map(({ samples }) => samples));
      // One that fails is noticed in its turn, or not at all where an earlier one ended the pass.
      answer.catch(() => undefined);
      underWay.push({ answer, samples: batches.reduce((sum, { indices }) => sum + indices.length, 0) });
      if (underWay.length >= pool.workers * (1 + ahead)) yield await next();
    }
    while (underWay.length > 0) {
      await options.context.pause();
      yield await next();
    }
  } finally {
    session.close();
  }
}

async function openSession<Arguments>(pool: Pool, { name }: BatchPass<Arguments, unknown>, input: PassInput<Arguments>): Promise<PoolSession> {
  const { model, weights, vector } = input;
  const trees: Record<string, HostTree> = { parameters: await toHost(weights.parameters), buffers: await toHost(weights.buffers) };
  if (vector) trees["vector"] = await toHost(vector);
  const derivatives = isTwiceDifferentiable() ? "second" : "first";
  return pool.open({ pass: name, network: describeNetwork(model), trees, arguments: input.arguments, derivatives });
}

/** On the device for as long as they are looked at. */
export async function* uploaded(
  batches: Iterable<Pick<ReadBatch, "samples">> | AsyncIterable<Pick<ReadBatch, "samples">>,
): AsyncGenerator<TensorBatch, void, undefined> {
  for await (const { samples } of batches) {
    const batch = readTensors(samples);
    try {
      yield batch;
    } finally {
      tf.dispose([batch.inputs, batch.labels]);
    }
  }
}

async function* watched(batches: AsyncIterable<ReadBatch>, onDone: (samples: number) => void): AsyncGenerator<ReadBatch, void, undefined> {
  for await (const batch of batches) {
    yield batch;
    onDone(batch.indices.length);
  }
}

async function* groups<Item>(items: AsyncIterable<Item>, size: number): AsyncGenerator<readonly Item[], void, undefined> {
  let group: Item[] = [];
  for await (const item of items) {
    group.push(item);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

function charge(meter: Meter, cost: Cost): void {
  meter.forward(cost.samplesForward);
  meter.backward(cost.samplesBackward);
  meter.hessianVectorProduct(cost.hessianVectorProducts);
}

function isPlain(value: unknown): boolean {
  if (typeof value === "function") return false;
  return typeof value !== "object" || value === null || ArrayBuffer.isView(value) || Object.values(value).every(isPlain);
}
