import { LetheError } from "../errors/index.ts";
import { Chain } from "./chain.ts";
import type { StoredEntry } from "./entry.ts";
import { decodeHead, encodeHead, headFile, type Head } from "./head.ts";
import { recoverChain, type DamagedPolicy } from "./recover.ts";
import { Remover } from "./removal.ts";
import type { TrajectoryStorage } from "./storage.ts";
import { Trajectory } from "./trajectory.ts";

export interface CreateTrajectoryOptions {
  /** Of the samples that training reads, each once; provenance speaks of them by their position here. */
  readonly ids: readonly string[];
  /** Texts to find again: a recipe, the name of a data set. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Most bytes that the snapshots may take together; see {@link Trajectory}. Default: no limit. */
  readonly budget?: { readonly bytes: number } | undefined;
  /** Of the snapshots, those whose index is a multiple of it are kept, and the last; a budget may double it. Default 1: all. */
  readonly keepEvery?: number | undefined;
  /**
   * Every how many-th kept snapshot is stored by itself and not as differences with the one before. Reading one decodes half as many on average;
   * each takes about half as much room again. Default 32.
   */
  readonly keyFrameEvery?: number | undefined;
  /** Most bytes of tensors in one file: a larger snapshot takes several. Default 2^30, half of what Node reads at once. */
  readonly bytesPerFile?: number | undefined;
}

/**
 * Begins a trajectory in an empty storage.
 *
 * @throws LetheError `trajectory/exists`, `trajectory/duplicate-id`, `trajectory/bad-option`, and what the storage throws.
 * @example
 * const trajectory = await createTrajectory(memoryStorage(), { ids: ["a", "b"] });
 * const state = { epoch: 0, step: 0, lossSum: 0, key: "run", buffers: {}, slots: {} };
 * await trajectory.append({ ...state, parameters: { w: { shape: [2], values: Float32Array.of(1, 2) } } }, { positions: [] });
 * await trajectory.append({ ...state, parameters: { w: { shape: [2], values: Float32Array.of(1, 3) } } }, { positions: [1] });
 * (await trajectory.read(1)).parameters.w.values; // [1, 3]
 * await trajectory.firstTouched(["b"]); // 1
 */
export async function createTrajectory(storage: TrajectoryStorage, options: CreateTrajectoryOptions): Promise<Trajectory> {
  const { ids, metadata = {}, budget, keepEvery = 1, keyFrameEvery = 32, bytesPerFile = 2 ** 30 } = options;
  expectUnique(ids);
  expectCounts({ keepEvery, keyFrameEvery, bytesPerFile });
  if ((await storage.names()).includes(headFile)) {
    throw new LetheError("trajectory/exists", "The storage already holds a trajectory; open that one, or choose another place.");
  }
  const segments = [{ from: 0, generation: 0 }];
  const head: Head = { ids, metadata, segments, stride: keepEvery, keyFrameEvery, bytesPerFile, ...(budget === undefined ? {} : { budget }) };
  await storage.write(headFile, await encodeHead(head));
  return new Trajectory({ storage, head, chain: chainOf(storage, head, []), nextGeneration: 1, remover: new Remover(storage), recovered: [] });
}

/**
 * Opens a trajectory, and ends what a killed program had begun: see `recovered` for what was destroyed, and `undestroyed` for what could not be.
 *
 * Reads the beginning of each snapshot's file; the tensors are checked when they are read.
 *
 * @param options.damaged what to do where a snapshot is damaged or missing: `"refuse"` (default) throws; `"drop"` destroys it and everything after it.
 * @throws LetheError `trajectory/none`, `trajectory/unsupported-version`, `trajectory/damaged`, `trajectory/missing`, and what the storage throws.
 * @example
 * const storage = memoryStorage();
 * await createTrajectory(storage, { ids: ["a", "b"] });
 * (await openTrajectory(storage)).ids; // ["a", "b"]
 */
export async function openTrajectory(storage: TrajectoryStorage, options: { readonly damaged?: DamagedPolicy } = {}): Promise<Trajectory> {
  if (!(await storage.names()).includes(headFile)) {
    throw new LetheError("trajectory/none", "The storage holds no trajectory; check the place, or record a training run there first.");
  }
  const head = await decodeHead(await storage.read(headFile));
  const { entries, dead, segments, nextGeneration } = await recoverChain(storage, head, options.damaged ?? "refuse");
  const current = { ...head, segments };
  // First, so that what is dead does not count even if it cannot be removed.
  if (JSON.stringify(segments) !== JSON.stringify(head.segments)) await storage.write(headFile, await encodeHead(current));
  const remover = new Remover(storage);
  const recovered = await remover.remove(dead);
  return new Trajectory({ storage, head: current, chain: chainOf(storage, current, entries), nextGeneration, remover, recovered });
}

function chainOf(storage: TrajectoryStorage, head: Head, entries: readonly StoredEntry[]): Chain {
  const { ids, keyFrameEvery, bytesPerFile, segments } = head;
  return new Chain({ storage, samples: ids.length, keyFrameEvery, bytesPerFile }, segments.at(-1)?.generation ?? 0, entries);
}

function expectCounts(options: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (Number.isSafeInteger(value) && value >= 1) continue;
    throw new LetheError("trajectory/bad-option", `${name} is ${value}; give a whole number, 1 or more.`, { name, value });
  }
}

function expectUnique(ids: readonly string[]): void {
  const seen = new Set<string>();
  for (const id of ids) {
    if (seen.has(id)) throw new LetheError("trajectory/duplicate-id", `Two samples have the id ${id}; give every sample an id of its own.`, { id });
    seen.add(id);
  }
}
