import {
  blockOf,
  LetheError,
  isFiniteTree,
  sha256,
  trainingSteps,
  type Context,
  type Dataset,
  type HostTree,
  type Model,
  type ReplacementSnapshot,
  type TrainingState,
  type Trajectory,
} from "@lethe/core";
import { blockEnds } from "./block-ends.ts";
import type { DeepObliviateOptions } from "./options.ts";
import type { ObliviousRecipe } from "./recorded.ts";
import { retrace, type RetracedBlock } from "./retrace.ts";
import { stitch } from "./stitch.ts";

/** What is to be gone over again, and without which samples. */
export interface Correction {
  readonly trajectory: Trajectory;
  readonly recipe: ObliviousRecipe;
  readonly model: Model;
  readonly forget: Dataset;
  readonly retain: Dataset;
  readonly options: DeepObliviateOptions;
  readonly context: Context;
  /** Index of the first snapshot that a forgotten sample shaped. */
  readonly from: number;
  /** Buffers of a stitched model with these parameters, given those of the last retrained block. */
  statisticsOf(parameters: HostTree, retrained: HostTree): Promise<HostTree>;
}

/** What became of it, filled in as the snapshots go. */
export interface Corrected {
  /** Without their parameters, of which no more than two are kept at a time. */
  readonly retraced: Omit<RetracedBlock, "parameters">[];
  /** Samples through forward and backward. */
  samplePasses: number;
  /** The state that the trajectory ends with: the model. */
  final: TrainingState | undefined;
}

/**
 * The snapshots that take the place of those that the forgotten samples shaped: P'_d .. P'_T, retrained from the snapshot before the first affected block,
 * and, where that was stopped, P_k + (P'_T - P_T) for every later block, from which the next request can begin.
 *
 * Those later ones still hold what the samples left in P_k - P_T, as the stitched model itself does; their optimiser's slots are the original ones, and
 * their batch-norm statistics those of P'_T, but for the last, which is the model.
 */
export async function* replacements(correction: Correction, corrected: Corrected): AsyncGenerator<ReplacementSnapshot, void, undefined> {
  const { trajectory, recipe, model, retain, options, context, from } = correction;
  const entries = trajectory.entries.filter(({ index }) => index >= from);
  const start = await trajectory.read(from - 1);
  const key = await sha256(JSON.stringify([start.key, retain.ids]));
  const places = new Map(trajectory.ids.map((id, position) => [id, position]));
  const samples = samplesPerBlock(recipe, retain);
  const affected = new Set(correction.forget.ids.map((id) => blockOf(recipe, id)));
  const ends = blockEnds(trainingSteps({ model, data: retain, recipe, context, phase: "retraining", from: start }));
  let state: TrainingState = start;
  let fresh: ReplacementSnapshot | undefined;
  const stretch = {
    blocks: entries.length,
    lastAffected: entries.findLastIndex(({ block }) => affected.has(block!)),
    start: start.parameters,
    original: (at: number) => trajectory.differences(entries[at].index),
    async retrain(at: number) {
      await context.pause();
      const { block } = entries[at];
      fresh = undefined;
      // A block of which nothing is left takes no step.
      if (samples[block!] === 0) return state.parameters;
      const trained = (await ends.next()).value!;
      expectFinite(trained.state);
      state = trained.state;
      const positions = Array.from(trained.positions, (position) => places.get(retain.ids[position])!);
      fresh = { snapshot: { ...state, key }, provenance: { positions, block: block! } };
      corrected.samplePasses += samples[block!] * recipe.epochs;
      return state.parameters;
    },
  };
  try {
    for await (const { block, residual, trend, isLast, isStopped } of retrace(stretch, options)) {
      corrected.retraced.push({ block, residual, trend, isLast, isStopped });
      corrected.final = state;
      if (fresh) yield fresh;
    }
  } finally {
    await ends.return();
  }
  const last = corrected.retraced.at(-1)!;
  const later = entries.slice(last.block + 1);
  if (later.length === 0) return;
  const at = await trajectory.read(entries[last.block].index);
  for (const { index, block } of later) {
    await context.pause();
    const original = await trajectory.read(index);
    const parameters = stitch(state.parameters, original.parameters, at.parameters);
    const buffers = index === later.at(-1)!.index ? await correction.statisticsOf(parameters, state.buffers) : state.buffers;
    expectFinite({ parameters, buffers });
    corrected.final = { ...original, parameters, buffers };
    yield { snapshot: { ...original, parameters, buffers, key }, provenance: { positions: await trajectory.samples(index), block: block! } };
  }
}

function samplesPerBlock(recipe: ObliviousRecipe, data: Dataset): readonly number[] {
  const counts = Array.from({ length: recipe.order.blocks }, () => 0);
  for (const id of data.ids) counts[blockOf(recipe, id)] += 1;
  return counts;
}

/** Before anything is replaced: afterwards the old model is no longer what the trajectory stands for. */
function expectFinite({ parameters, buffers }: Pick<TrainingState, "parameters" | "buffers">): void {
  if (isFiniteTree({ ...parameters, ...buffers })) return;
  throw new LetheError("train/non-finite", "Retraining led to weights that are not finite.");
}
