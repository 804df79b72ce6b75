import { LetheError } from "../errors/index.ts";
import { Chain } from "./chain.ts";
import { decodeHead, encodeHead, headFile, type Head } from "./head.ts";
import { recoverChain, type DamagedPolicy } from "./recover.ts";
import type { TrajectoryStorage } from "./storage.ts";
import { Trajectory } from "./trajectory.ts";

export interface CreateTrajectoryOptions {
  /** Of the samples that training reads, each once; provenance speaks of them by their position here. */
  readonly ids: readonly string[];
  /** Texts to find again: a recipe, the name of a data set. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Most bytes that the snapshots may take together; see {@link Trajectory}. Default: no limit. */
  readonly budget?: { readonly bytes: number };
  /**
   * Every how many-th kept snapshot is stored by itself and not as differences with the one before. Reading one decodes half as many on average;
   * each takes about half as much room again. Default 32.
   */
  readonly keyFrameEvery?: number;
}

/**
 * Begins a trajectory in an empty storage.
 *
 * @throws LetheError `trajectory/exists`, `trajectory/duplicate-id`, and what the storage throws.
 * @example
 * const trajectory = await createTrajectory(memoryStorage(), { ids: ["a", "b"] });
 * const state = { epoch: 0, step: 0, lossSum: 0, key: "run", buffers: {}, slots: {} };
 * await trajectory.append({ ...state, parameters: { w: { shape: [2], values: Float32Array.of(1, 2) } } }, { positions: [] });
 * await trajectory.append({ ...state, parameters: { w: { shape: [2], values: Float32Array.of(1, 3) } } }, { positions: [1] });
 * (await trajectory.read(1)).parameters.w.values; // [1, 3]
 * await trajectory.firstTouched(["b"]); // 1
 */
export async function createTrajectory(storage: TrajectoryStorage, options: CreateTrajectoryOptions): Promise<Trajectory> {
  const { ids, metadata = {}, budget, keyFrameEvery = 32 } = options;
  expectUnique(ids);
  if ((await storage.names()).includes(headFile)) {
    throw new LetheError("trajectory/exists", "The storage already holds a trajectory; open that one, or choose another place.");
  }
  const segments = [{ from: 0, generation: 0 }];
  const head: Head = { ids, metadata, segments, stride: 1, keyFrameEvery, ...(budget === undefined ? {} : { budget }) };
  await storage.write(headFile, await encodeHead(head));
  return new Trajectory(storage, head, new Chain({ storage, samples: ids.length, keyFrameEvery }, 0, []), []);
}

/**
 * Opens a trajectory, and ends what a killed program had begun.
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
  const { entries, destroyed } = await recoverChain(storage, head, options.damaged ?? "refuse");
  const length = (entries.at(-1)?.index ?? -1) + 1;
  // Where the last snapshots are gone, the next ones belong to the segment that the trajectory now ends in.
  const segments = head.segments.filter(({ from }) => from <= length);
  if (segments.length < head.segments.length) await storage.write(headFile, await encodeHead({ ...head, segments }));
  const chain = new Chain({ storage, samples: head.ids.length, keyFrameEvery: head.keyFrameEvery }, segments.at(-1)?.generation ?? 0, entries);
  return new Trajectory(storage, { ...head, segments }, chain, destroyed);
}

function expectUnique(ids: readonly string[]): void {
  const seen = new Set<string>();
  for (const id of ids) {
    if (seen.has(id)) throw new LetheError("trajectory/duplicate-id", `Two samples have the id ${id}; give every sample an id of its own.`, { id });
    seen.add(id);
  }
}
