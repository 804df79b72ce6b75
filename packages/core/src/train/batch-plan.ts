import { createRandom, type Random } from "../random/index.ts";
import { shuffledOrder, type BatchOrder } from "./batch-order.ts";
import { blockOrder } from "./blocks.ts";
import type { Recipe } from "./recipe.ts";

/** Between two steps of a run: where the next one stands. */
export interface RunPosition {
  /** Where training goes by blocks: `block * recipe.epochs` and the epoch within the block. */
  readonly epoch: number;
  /** Steps already taken in this epoch. */
  readonly step: number;
}

/** What a step can be the last of. */
export type StepEnding = "epoch" | "block" | "run";

/** One step before it is taken: which samples, and all that it draws at random. */
export interface PlannedBatch extends RunPosition {
  /** Positions in the data. */
  readonly indices: Uint32Array;
  /** Of the learning rate's schedule: epochs since the beginning, with the fraction. */
  readonly time: number;
  /** Steps of the run before this one. */
  readonly taken: number;
  /** The step after it begins here. */
  readonly next: RunPosition;
  readonly block: number | undefined;
  readonly ends: readonly StepEnding[];
  /** For dropout and noise layers. */
  readonly noise: Random;
  /** To be split by the id of the sample. */
  readonly augmentation: Random;
}

/**
 * Every batch of a run, as a function of the recipe, the ids of the data and the position alone, so that a run which is resumed takes the very
 * steps of an undisturbed one. An epoch here is one pass over one part of the data: all of it, or a block.
 */
export class BatchPlan {
  readonly #recipe: Recipe;
  readonly #order: BatchOrder;
  readonly #random: Random;
  #current: { readonly epoch: number; readonly positions: Uint32Array } | undefined;

  constructor(recipe: Recipe, ids: readonly string[]) {
    this.#recipe = recipe;
    this.#random = createRandom(recipe.seed);
    this.#order = recipe.order ? blockOrder(ids, recipe.order.blocks, this.#random) : shuffledOrder(ids.length, this.#random);
  }

  /** Of the whole run. */
  get epochs(): number {
    return this.#order.parts.length * this.#recipe.epochs;
  }

  /** Samples that the whole run reads; one that is read twice counts twice. */
  get samples(): number {
    return this.#sum((size) => size, this.#order.parts.length) * this.#recipe.epochs;
  }

  /** Samples in an epoch. */
  samplesIn(epoch: number): number {
    return this.#order.parts[this.#split(epoch).part] ?? 0;
  }

  stepsIn(epoch: number): number {
    return this.#steps(this.samplesIn(epoch));
  }

  /** Samples that were read before a position. */
  samplesBefore({ epoch, step }: RunPosition): number {
    const size = this.samplesIn(epoch);
    return this.#before(epoch, (each) => each) + Math.min(step * this.#recipe.batchSize, size);
  }

  /** The batch at a position or, where an epoch is over or empty, the first one after it; undefined at the end of the run. */
  batch(at: RunPosition): PlannedBatch | undefined {
    const { epoch, step } = this.#settle(at);
    if (epoch === this.epochs) return undefined;
    const { batchSize } = this.#recipe;
    const steps = this.stepsIn(epoch);
    const { part, within } = this.#split(epoch);
    const next = step + 1 < steps ? { epoch, step: step + 1 } : { epoch: epoch + 1, step: 0 };
    const names = this.#order.names(part, within);
    return {
      epoch,
      step,
      indices: this.#positions(epoch).slice(step * batchSize, (step + 1) * batchSize),
      time: (epoch + step / steps) / this.#order.parts.length,
      taken: this.#before(epoch, (size) => this.#steps(size)) + step,
      next,
      block: this.#order.kind === "blocks" ? part : undefined,
      ends: this.#endings(epoch, next),
      noise: this.#random.split("noise", ...names, step),
      augmentation: this.#random.split("augmentation", ...names),
    };
  }

  #endings(epoch: number, next: RunPosition): readonly StepEnding[] {
    if (next.epoch === epoch) return [];
    const endings: StepEnding[] = ["epoch"];
    if (this.#order.kind === "blocks" && next.epoch % this.#recipe.epochs === 0) endings.push("block");
    if (this.#settle(next).epoch === this.epochs) endings.push("run");
    return endings;
  }

  #settle({ epoch, step }: RunPosition): RunPosition {
    if (epoch < this.epochs && step < this.stepsIn(epoch)) return { epoch, step };
    let next = Math.min(epoch + 1, this.epochs);
    while (next < this.epochs && this.stepsIn(next) === 0) next += 1;
    return { epoch: next, step: 0 };
  }

  #positions(epoch: number): Uint32Array {
    if (this.#current?.epoch !== epoch) {
      const { part, within } = this.#split(epoch);
      this.#current = { epoch, positions: this.#order.positions(part, within) };
    }
    return this.#current.positions;
  }

  #split(epoch: number): { part: number; within: number } {
    const { epochs } = this.#recipe;
    return { part: Math.floor(epoch / epochs), within: epoch % epochs };
  }

  #steps(samples: number): number {
    return Math.ceil(samples / this.#recipe.batchSize);
  }

  /** Sum over the epochs before this one. */
  #before(epoch: number, of: (size: number) => number): number {
    const { part, within } = this.#split(epoch);
    return this.#recipe.epochs * this.#sum(of, part) + within * of(this.samplesIn(epoch));
  }

  /** Sum over the first parts. */
  #sum(of: (size: number) => number, parts: number): number {
    return this.#order.parts.slice(0, parts).reduce((sum, size) => sum + of(size), 0);
  }
}
