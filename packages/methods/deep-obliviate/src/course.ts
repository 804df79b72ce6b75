import { trainingSteps, type Context, type Dataset, type Model, type TensorDifference, type TrainingState, type Trajectory } from "@lethe/core";
import { blockEnds, type TrainedBlock } from "./block-ends.ts";
import type { ObliviousRecipe } from "./recorded.ts";

export interface CourseOptions {
  readonly trajectory: Trajectory;
  readonly recipe: ObliviousRecipe;
  readonly model: Model;
  /** All that the course was trained on. */
  readonly data: Dataset;
  readonly context: Context;
}

/**
 * The course that training took: the snapshots of a trajectory, those that were given up trained again from the last one that is kept before them, which
 * gives the same bits where training does. To be asked in the order of the indices, or what was trained is trained once more.
 *
 * Of snapshots that an earlier request stitched it gives the ones that are kept as they are; between them it trains, so that there the course is another than
 * the one that was given up.
 */
export class Course {
  readonly #options: CourseOptions;
  readonly #kept: ReadonlySet<number>;
  #running: { at: number; readonly ends: AsyncGenerator<TrainedBlock, void, undefined> } | undefined;
  /** Both sides of a block. */
  #recent: readonly { readonly index: number; readonly state: TrainingState }[] = [];
  /** Positions in the data that were trained again, each as often as it was. */
  #samplePasses = 0;

  constructor(options: CourseOptions) {
    this.#options = options;
    this.#kept = new Set(options.trajectory.entries.map(({ index }) => index));
  }

  /** That training again has taken so far. */
  get samplePasses(): number {
    return this.#samplePasses;
  }

  /** What snapshot `index` holds, kept or not. */
  async state(index: number): Promise<TrainingState> {
    const known = this.#recent.find((each) => each.index === index);
    if (known) return known.state;
    const state = this.#kept.has(index) ? await this.#options.trajectory.read(index) : await this.#trained(index);
    this.#recent = [...this.#recent.slice(-1), { index, state }];
    return state;
  }

  /** The parameters before and after what led to snapshot `index`, tensor by tensor. */
  async *differences(index: number): AsyncGenerator<TensorDifference, void, undefined> {
    if (this.#kept.has(index - 1) && this.#kept.has(index)) {
      yield* this.#options.trajectory.differences(index, (name) => name.startsWith("parameters/"));
      return;
    }
    const [before, after] = [await this.state(index - 1), await this.state(index)];
    for (const [name, { shape, values }] of Object.entries(before.parameters)) {
      const to = after.parameters[name].values;
      yield { name: `parameters/${name}`, shape, before: values as Float32Array, after: to as Float32Array };
    }
  }

  /** Ends a training that is under way. */
  async leave(): Promise<void> {
    await this.#running?.ends.return();
    this.#running = undefined;
  }

  async #trained(index: number): Promise<TrainingState> {
    const { trajectory, recipe, model, data, context } = this.#options;
    const start = trajectory.nearest(index).index;
    if (this.#running === undefined || this.#running.at < start || this.#running.at >= index) {
      await this.leave();
      const steps = trainingSteps({ model, data, recipe, context, phase: "training again what was given up", from: await trajectory.read(start) });
      this.#running = { at: start, ends: blockEnds(steps) };
    }
    const running = this.#running;
    for (;;) {
      const { positions, state } = (await running.ends.next()).value!;
      running.at += 1;
      this.#samplePasses += positions.size * recipe.epochs;
      if (running.at === index) return state;
    }
  }
}
