import { createRandom, type Random } from "../random/index.ts";
import { shuffledOrder, type BatchOrder, type OrderPart, type StepEnding } from "./batch-order.ts";
import { blockOrder } from "./blocks.ts";
import type { Recipe } from "./recipe.ts";
import type { SampleFacts } from "./shard-assignment.ts";
import { shardOrder } from "./shards.ts";

/** Between two steps of a run: where the next one stands. */
export interface RunPosition {
  /** Counted over all blocks or stages, each of which has epochs of its own, whatever the data holds. */
  readonly epoch: number;
  /** Steps already taken in this epoch. */
  readonly step: number;
}

/** One step before it is taken: which samples, and all that it draws at random. */
export interface PlannedBatch extends RunPosition {
  /** Positions in the data. */
  readonly indices: Uint32Array;
  /** Of the learning rate's schedule: epochs since the beginning, with the fraction. */
  readonly time: number;
  /** Steps of the run before this one. */
  readonly taken: number;
  /** Steps that the optimiser has taken with these parameters. */
  readonly updates: number;
  /** The step after it begins here. */
  readonly next: RunPosition;
  readonly block: number | undefined;
  readonly shard: number | undefined;
  readonly stage: number | undefined;
  readonly ends: readonly StepEnding[];
  /** For dropout and noise layers. */
  readonly noise: Random;
  /** To be split by the id of the sample. */
  readonly augmentation: Random;
}

/** A part, and how much of the run lies before it. */
interface PlacedPart extends OrderPart {
  readonly epochsBefore: number;
  readonly samplesBefore: number;
  readonly stepsBefore: number;
}

/**
 * Every batch of a run, as a function of the recipe, the data's ids and columns and the position alone, so that a run which is resumed takes the very
 * steps of an undisturbed one. An epoch here is one pass over one part of the data: all of it, a block, or some slices of a shard.
 */
export class BatchPlan {
  readonly #recipe: Recipe;
  readonly #order: BatchOrder;
  readonly #random: Random;
  readonly #parts: readonly PlacedPart[];
  /** Of the whole run. */
  readonly epochs: number;
  /** Samples that the whole run reads; one that is read twice counts twice. */
  readonly samples: number;
  #current: { readonly epoch: number; readonly positions: Uint32Array } | undefined;

  /** @param shard of a run by shards, the only one to be trained; default all. */
  constructor(recipe: Recipe, data: SampleFacts, shard?: number) {
    this.#recipe = recipe;
    this.#random = createRandom(recipe.seed);
    this.#order = orderOf(recipe, data, this.#random, shard);
    const parts: PlacedPart[] = [];
    let [epochsBefore, samplesBefore, stepsBefore] = [0, 0, 0];
    for (const part of this.#order.parts) {
      parts.push({ ...part, epochsBefore, samplesBefore, stepsBefore });
      epochsBefore += part.epochs;
      samplesBefore += part.epochs * part.size;
      stepsBefore += part.epochs * this.#steps(part.size);
    }
    this.#parts = parts;
    this.epochs = epochsBefore;
    this.samples = samplesBefore;
  }

  /** Samples in an epoch. */
  samplesIn(epoch: number): number {
    return epoch < this.epochs ? this.#partAt(epoch).size : 0;
  }

  stepsIn(epoch: number): number {
    return this.#steps(this.samplesIn(epoch));
  }

  /** Samples that were read before a position. */
  samplesBefore({ epoch, step }: RunPosition): number {
    if (epoch >= this.epochs) return this.samples;
    const { epochsBefore, samplesBefore, size } = this.#partAt(epoch);
    return samplesBefore + (epoch - epochsBefore) * size + Math.min(step * this.#recipe.batchSize, size);
  }

  /** The batch at a position or, where an epoch is over or empty, the first one after it; undefined at the end of the run. */
  batch(at: RunPosition): PlannedBatch | undefined {
    const { epoch, step } = this.#settle(at);
    if (epoch === this.epochs) return undefined;
    const { batchSize } = this.#recipe;
    const steps = this.stepsIn(epoch);
    const part = this.#partAt(epoch);
    const { block, shard, stage, since } = part;
    const taken = part.stepsBefore + (epoch - part.epochsBefore) * steps + step;
    const next = step + 1 < steps ? { epoch, step: step + 1 } : { epoch: epoch + 1, step: 0 };
    const names = part.names(epoch - part.epochsBefore);
    return {
      epoch,
      step,
      indices: this.#positions(epoch).slice(step * batchSize, (step + 1) * batchSize),
      time: this.#order.time(epoch, step / steps),
      taken,
      updates: taken - this.#parts[since].stepsBefore,
      next,
      block,
      shard,
      stage,
      ends: this.#endings(part, epoch, next),
      noise: this.#random.split("noise", ...names, step),
      augmentation: this.#random.split("augmentation", ...names),
    };
  }

  #endings(part: PlacedPart, epoch: number, next: RunPosition): readonly StepEnding[] {
    if (next.epoch === epoch) return [];
    const endings: StepEnding[] = ["epoch"];
    if (next.epoch === part.epochsBefore + part.epochs) endings.push(...part.ends);
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
      const part = this.#partAt(epoch);
      this.#current = { epoch, positions: part.positions(epoch - part.epochsBefore) };
    }
    return this.#current.positions;
  }

  /** Of parts without epochs, which begin where the one after them does, the last. */
  #partAt(epoch: number): PlacedPart {
    return this.#parts.findLast(({ epochsBefore }) => epochsBefore <= epoch)!;
  }

  #steps(samples: number): number {
    return Math.ceil(samples / this.#recipe.batchSize);
  }
}

function orderOf(recipe: Recipe, data: SampleFacts, random: Random, shard: number | undefined): BatchOrder {
  const { order, epochs } = recipe;
  if (order === undefined) return shuffledOrder(data.ids.length, epochs, random);
  if (order.kind === "blocks") return blockOrder(data.ids, order, epochs, random);
  return shardOrder({ ...recipe, order }, data, random, shard);
}
