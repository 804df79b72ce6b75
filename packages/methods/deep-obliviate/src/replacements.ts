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
import { Course } from "./course.ts";
import type { DeepObliviateOptions } from "./options.ts";
import type { ObliviousRecipe } from "./recorded.ts";
import { retrace, type RetracedBlock } from "./retrace.ts";
import { stitch } from "./stitch.ts";

/** What is to be gone over again, and without which samples. */
export interface Correction {
  readonly trajectory: Trajectory;
  readonly recipe: ObliviousRecipe;
  readonly model: Model;
  /** All that the trajectory was trained on. */
  readonly data: Dataset;
  readonly forget: Dataset;
  readonly retain: Dataset;
  readonly options: DeepObliviateOptions;
  readonly context: Context;
  /** Index of the first snapshot that is not certain to be free of the forgotten samples. */
  readonly from: number;
  /** The block that each snapshot ends, by index. */
  readonly blocks: readonly (number | undefined)[];
  /** Index of the first snapshot that a forgotten sample shaped: where snapshots were given up, later than `from`. */
  readonly first: number;
  /** Positions of samples forgotten earlier, of which the snapshot before `from` holds something yet. */
  readonly inherited: Uint32Array;
  /** Buffers of a stitched model with these parameters, given those of the last retrained block. */
  statisticsOf(parameters: HostTree, retrained: HostTree): Promise<HostTree>;
}

/** What became of it, filled in as the snapshots go. */
export interface Corrected {
  /** Without their parameters, of which no more than two are kept at a time. */
  readonly retraced: Omit<RetracedBlock, "parameters">[];
  /** Samples through forward and backward. */
  samplePasses: number;
  /** Of these, those that led to snapshots of the original course which were given up. */
  recomputedSamplePasses: number;
  /** The state that the trajectory ends with: the model. */
  final: TrainingState | undefined;
  /** Positions of forgotten samples, of which it may hold something. */
  residue: readonly number[];
}

/**
 * The snapshots that take the place of those that the forgotten samples shaped: P'_d .. P'_T, retrained from the snapshot before the first affected block,
 * and, where that was stopped, P_k + (P'_T - P_T) for every later block whose snapshot is kept, from which the next request can begin.
 *
 * Those later ones still hold what the samples left in P_k - P_T, as the stitched model itself does, and their provenance says so; their optimiser's slots are
 * the original ones, and their batch-norm statistics those of P'_T, but for the last, which is the model.
 */
export async function* replacements(correction: Correction, corrected: Corrected): AsyncGenerator<ReplacementSnapshot, void, undefined> {
  const { trajectory, recipe, model, data, forget, retain, options, context, from, blocks, first, inherited } = correction;
  const course = new Course({ trajectory, recipe, model, data, context });
  const places = new Map(trajectory.ids.map((id, position) => [id, position]));
  const forgotten = forget.ids.map((id) => places.get(id)!);
  const key = await sha256(JSON.stringify([(await trajectory.read(from - 1)).key, retain.ids]));
  const samples = samplesPerBlock(recipe, retain);
  const affected = new Set(forget.ids.map((id) => blockOf(recipe, id)));
  const passed = new Set(blocks.slice(from, first));
  let state = await course.state(first - 1);
  const ends = blockEnds(trainingSteps({ model, data: retain, recipe, context, phase: "retraining", from: state }));
  let read = retain.ids.flatMap((id) => (passed.has(blockOf(recipe, id)) ? [places.get(id)!] : []));
  let fresh: ReplacementSnapshot | undefined;
  let index = first;
  const stretch = {
    blocks: blocks.length - first,
    lastAffected: blocks.findLastIndex((block) => affected.has(block!)) - first,
    start: state.parameters,
    original: (at: number) => course.differences(first + at),
    async retrain(at: number) {
      await context.pause();
      const block = blocks[first + at]!;
      fresh = undefined;
      // A block of which nothing is left takes no step.
      if (samples[block] === 0) return state.parameters;
      const trained = (await ends.next()).value!;
      expectFinite(trained.state);
      state = trained.state;
      const positions = [...read, ...Array.from(trained.positions, (position) => places.get(retain.ids[position])!)];
      fresh = { snapshot: { ...state, key }, provenance: { positions, block, residue: inherited }, index: index++ };
      read = [];
      corrected.samplePasses += samples[block] * recipe.epochs;
      return state.parameters;
    },
  };
  try {
    for await (const { block, residual, trend, isLast, isStopped } of retrace(stretch, options)) {
      corrected.retraced.push({ block, residual, trend, isLast, isStopped });
      corrected.final = state;
      corrected.residue = [...inherited];
      if (fresh) yield fresh;
    }
    const last = first + corrected.retraced.at(-1)!.block;
    if (last < blocks.length - 1) yield* stitched(await course.state(last), last);
  } finally {
    await ends.return();
    await course.leave();
    corrected.samplePasses += course.samplePasses;
    corrected.recomputedSamplePasses = course.samplePasses;
  }

  async function* stitched(at: TrainingState, last: number): AsyncGenerator<ReplacementSnapshot, void, undefined> {
    const end = blocks.length - 1;
    for (const entry of trajectory.entries.filter((each) => each.index > last)) {
      await context.pause();
      const original = await trajectory.read(entry.index);
      const parameters = stitch(state.parameters, original.parameters, at.parameters);
      const buffers = entry.index === end ? await correction.statisticsOf(parameters, state.buffers) : state.buffers;
      expectFinite({ parameters, buffers });
      corrected.final = { ...original, parameters, buffers };
      corrected.residue = [...new Set([...inherited, ...forgotten, ...(await trajectory.residue(entry.index))])];
      const positions = [...read, ...(await readAfter(last, entry.index))];
      const provenance = { positions, block: blocks[entry.index]!, residue: corrected.residue };
      yield { snapshot: { ...original, parameters, buffers, key }, provenance, index: index + (entry.index - last - 1) };
      read = [];
    }
  }

  /** Positions of the samples between snapshot `last`, or the kept one before, and a later kept one. */
  async function readAfter(last: number, kept: number): Promise<readonly number[]> {
    const since = trajectory.entries.find((entry) => entry.index === kept)!.since;
    const between = new Set(blocks.slice(Math.max(last, since) + 1, kept + 1));
    return Array.from(await trajectory.samples(kept)).filter((position) => between.has(blockOf(recipe, trajectory.ids[position]!)));
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
