import { makeTwiceDifferentiable } from "../autodiff/index.ts";
import { createContext, type Context, type Cost, type PoolAnswer, type PoolBatch, type PoolWork } from "../context/index.ts";
import { hessianProductPass, logitsProductPass, lossGradientPass, lossPass } from "../curvature/passes.ts";
import { LetheError, aborted } from "../errors/index.ts";
import { registerShardAggregate, type Model, type Weights } from "../model/index.ts";
import { batchMomentsPass } from "../passes/batch-gradient-moments.ts";
import type { BatchPass, PassInput } from "../passes/batch-pass.ts";
import { gradientPass } from "../passes/gradient-sum.ts";
import { inputMomentsPass } from "../passes/input-moments/input-moments.ts";
import { logitsPass } from "../passes/logits.ts";
import { uploaded } from "../passes/over-batches.ts";
import { perSamplePass } from "../passes/per-sample-moments.ts";
import { disposeTree, fromHost, type TensorTree } from "../tree/index.ts";
import { Networks } from "./networks.ts";

/** What a worker of a pool does. Calls may come at any time: they are done one after the other. */
export interface PoolWorker {
  /** @param isClosed whether the session has been closed on the other side, where the message of that is still on its way. */
  open(session: number, work: PoolWork, isClosed: () => boolean): void;
  compute(session: number, batches: readonly PoolBatch[]): Promise<PoolAnswer>;
  close(session: number): void;
}

interface Session {
  compute(batches: readonly PoolBatch[]): Promise<PoolAnswer>;
  dispose(): void;
}

/** A worker that knows every pass of core's that can be told to one, on the backend that is set in its thread. */
export function createPoolWorker(): PoolWorker {
  registerShardAggregate();
  const networks = new Networks();
  const sessions = new Map<number, Session>();
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(body: () => Result | Promise<Result>): Promise<Result> => {
    const result = last.then(body);
    last = result.catch(() => undefined);
    return result;
  };
  return {
    open: (id, work, isClosed) => void inTurn(() => sessions.set(id, openSession(work, networks, isClosed))),
    compute: (id, batches) => inTurn(() => sessions.get(id)!.compute(batches)),
    close(id) {
      void inTurn(() => {
        sessions.get(id)?.dispose();
        sessions.delete(id);
      });
    },
  };
}

/** What cannot be opened answers every batch with the reason. */
function openSession(work: PoolWork, networks: Networks, isClosed: () => boolean): Session {
  const trees = Object.fromEntries(Object.entries(work.trees).map(([name, tree]) => [name, fromHost(tree)]));
  let model: Model | undefined;
  const dispose = (): void => {
    Object.values(trees).forEach(disposeTree);
    if (model) networks.giveBack(work.network);
  };
  try {
    model = networks.borrow(work.network);
    return { compute: computation(work, model, trees, isClosed), dispose };
  } catch (error) {
    return { compute: () => Promise.reject(error), dispose };
  }
}

function computation(work: PoolWork, model: Model, trees: Readonly<Record<string, TensorTree>>, isClosed: () => boolean): Session["compute"] {
  if (work.derivatives === "second") makeTwiceDifferentiable();
  const { parameters, buffers, vector } = trees;
  expectSameNames(model, { parameters, buffers });
  const input: PassInput<never> = { model, weights: { parameters, buffers }, arguments: work.arguments as never, ...(vector ? { vector } : {}) };
  const context: Context = {
    ...createContext(),
    async pause() {
      if (isClosed()) throw aborted();
    },
  };
  const { meter } = context;
  const compute = passNamed(work.pass).begin(input, context);
  return async (batches) => {
    await context.pause();
    const before = meter.read();
    const result = await compute(uploaded(batches.map((samples) => ({ samples }))));
    return { result, cost: costSince(before, meter.read()) };
  };
}

/** A table for every call, as nothing is worked out when this is imported. */
function passNamed(name: string): BatchPass<never, unknown> {
  const passes: readonly BatchPass<never, unknown>[] = [
    logitsPass,
    gradientPass,
    batchMomentsPass,
    perSamplePass,
    inputMomentsPass,
    lossPass,
    lossGradientPass,
    hessianProductPass,
    logitsProductPass,
  ];
  const found = passes.find((pass) => pass.name === name);
  if (found) return found;
  throw new LetheError("pool/unknown-pass", `A worker does not know the pass ${name}; is its @lethe/core of another version?`, { pass: name });
}

function costSince(before: Cost, after: Cost): Cost {
  const names = Object.keys(after) as (keyof Cost)[];
  return Object.fromEntries(names.map((name) => [name, after[name] - before[name]])) as unknown as Cost;
}

function expectSameNames(model: Model, { parameters, buffers }: Weights): void {
  const expected = [...Object.keys(parameters), ...Object.keys(buffers)];
  const actual = [...Object.keys(model.parameters), ...Object.keys(model.buffers)];
  if (expected.toSorted().join() === actual.toSorted().join()) return;
  throw new LetheError(
    "pool/not-reproducible",
    "A worker built the model from its configuration and got other weights; does a layer of your own lack getConfig?",
    { expected, actual },
  );
}
