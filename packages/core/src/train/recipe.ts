import { LetheError } from "../errors/index.ts";
import type { Augmentation } from "../data/index.ts";
import type { Aggregation, LossName } from "../model/index.ts";
import type { ProbabilityBoundary } from "./shard-assignment.ts";
import { stageEpochs } from "./shard-stages.ts";

export type OptimiserOptions =
  | { readonly kind: "sgd"; readonly momentum?: number; readonly nesterov?: "on" | "off"; readonly weightDecay?: number }
  | { readonly kind: "adam"; readonly beta1?: number; readonly beta2?: number; readonly epsilon?: number; readonly weightDecay?: number };

/** Learning rates; times are in epochs. Every kind may begin with a linear warm-up from 0 over `warmUp` epochs. */
export type ScheduleOptions = { readonly rate: number; readonly warmUp?: number } & (
  | { readonly kind: "constant" }
  /** Multiplied by `factor` at each milestone. */
  | { readonly kind: "step"; readonly milestones: readonly number[]; readonly factor: number }
  /** Half a cosine from `rate` down to `final` (default 0) over the whole run. */
  | { readonly kind: "cosine"; readonly final?: number }
  /** Multiplied by `factor` every epoch. */
  | { readonly kind: "exponential"; readonly factor: number }
);

/**
 * Blocks: every sample belongs to one of `blocks` blocks by a hash of the seed and its id ({@link blockOf}). The blocks are trained one after
 * another, each for all `epochs`; nothing that happens in one depends on what the others hold but the weights (and optimiser's state) it begins
 * with. Times of the schedule then run over the blocks: the first of B blocks lasts from 0 to epochs / B. A block without samples is passed over.
 */
export interface BlockOrderOptions {
  readonly kind: "blocks";
  readonly blocks: number;
}

/**
 * Shards, for networks that `shardedNetwork` made: every sample belongs to one of `shards` shards, and within it to one of `slices` slices (default 1),
 * by a hash of the seed and its id ({@link shardPlaces}). Each constituent is trained on its own shard alone, in stages: stage r goes over the slices
 * 1 .. r together, for as many epochs as make the work of the whole that of `epochs` epochs over the shard ({@link stageEpochs}). The optimiser begins
 * with the shard and goes on through its stages. Times of the schedule run from 0 to `epochs` in every shard. A constituent whose shard has no samples
 * keeps the weights it began with, and is not heard.
 */
export interface ShardOrderOptions {
  readonly kind: "shards";
  readonly shards: number;
  readonly slices?: number;
  /** Of the hash, in place of the recipe's: so that trainings of different seeds have the same shards. */
  readonly seed?: number | string;
  /** Default: by the hash alone. */
  readonly assignment?: ProbabilityAssignment;
  /** How much a constituent has to say: as much as any other (default), or in proportion to its samples. */
  readonly weighting?: "uniform" | "size";
  /** Of the network (default `"mean"`): training refuses one that aggregates otherwise. */
  readonly aggregation?: Aggregation;
}

/** Samples that are more likely to be deleted come together in later shards. */
export interface ProbabilityAssignment {
  readonly kind: "by-probability";
  /** Of the data set: the probability of each sample's deletion, known beforehand. */
  readonly column: string;
  /** Between the shards, one fewer than there are, ascending: what `probabilityBoundaries` gives. */
  readonly boundaries: readonly ProbabilityBoundary[];
}

export type OrderOptions = BlockOrderOptions | ShardOrderOptions;

/**
 * All that is needed, beside the architecture and the data, to train a model again and get the same bits on the same backend. Plain JSON.
 * The architecture is the model's own (`Model.initialise` draws new weights for it); a saved model stores both side by side.
 */
export interface Recipe {
  /** Decides initial weights, batch order, augmentation and dropout. */
  readonly seed: number | string;
  readonly epochs: number;
  readonly batchSize: number;
  /** Default: all samples are shuffled anew for every epoch. */
  readonly order?: OrderOptions;
  readonly optimiser: OptimiserOptions;
  readonly schedule: ScheduleOptions;
  readonly augmentation?: Augmentation;
  /** Default: the one that goes with the model's ending. */
  readonly loss?: LossName;
}

type Check = readonly [needed: string, holds: (value: unknown) => boolean];

const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
const number = (needed: string, holds: (value: number) => boolean): Check => [needed, (value) => isNumber(value) && holds(value)];
const optional = ([needed, holds]: Check): Check => [needed, (value) => value === undefined || holds(value)];
const atLeast0 = number("a number, 0 or more", (value) => value >= 0);
const below1 = number("a number from 0 to less than 1", (value) => value >= 0 && value < 1);
const positive = number("a number above 0", (value) => value > 0);
const whole = (least: number): Check => number(`a whole number, ${least} or more`, (value) => Number.isInteger(value) && value >= least);
const oneOf = (...choices: readonly string[]): Check => [choices.join(" or "), (value) => choices.includes(value as string)];

const optimisers: Readonly<Record<OptimiserOptions["kind"], Readonly<Record<string, Check>>>> = {
  sgd: { momentum: optional(below1), nesterov: optional(oneOf("on", "off")), weightDecay: optional(atLeast0) },
  adam: { beta1: optional(below1), beta2: optional(below1), epsilon: optional(positive), weightDecay: optional(atLeast0) },
};

const milestones: Check = ["a list of epochs", (value) => Array.isArray(value) && value.every(isNumber)];
const rates = { rate: atLeast0, warmUp: optional(atLeast0) };
const schedules: Readonly<Record<ScheduleOptions["kind"], Readonly<Record<string, Check>>>> = {
  constant: rates,
  step: { ...rates, milestones, factor: atLeast0 },
  cosine: { ...rates, final: optional(atLeast0) },
  exponential: { ...rates, factor: atLeast0 },
};

const seed: Check = ["a number or a text", (value) => isNumber(value) || typeof value === "string"];
const orders: Readonly<Record<OrderOptions["kind"], Readonly<Record<string, Check>>>> = {
  blocks: { blocks: whole(1) },
  shards: {
    shards: whole(1),
    slices: optional(whole(1)),
    seed: optional(seed),
    assignment: optional(["an object with a kind", isObject]),
    weighting: optional(oneOf("uniform", "size")),
    aggregation: optional(oneOf("mean", "vote")),
  },
};

const pairs: Check = [
  "a list of pairs of numbers",
  (value) => Array.isArray(value) && value.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every(isNumber)),
];
const assignments = {
  "by-probability": { column: ["the name of a column", (value: unknown) => typeof value === "string"] as const, boundaries: pairs },
};

const recipes: Readonly<Record<string, Check>> = {
  seed,
  epochs: whole(0),
  batchSize: whole(1),
  order: ["an object with a kind", (value) => value === undefined || isObject(value)],
  optimiser: ["an object with a kind", isObject],
  schedule: ["an object with a kind", isObject],
  augmentation: ["an object", (value) => value === undefined || isObject(value)],
  loss: optional(oneOf("softmax-cross-entropy", "sigmoid-cross-entropy")),
};

const augmentations: Readonly<Record<string, Check>> = {
  crop: optional(whole(0)),
  flip: optional(number("a probability", (value) => value >= 0 && value <= 1)),
};

/** @throws LetheError `recipe/invalid` naming the field, also for fields that no recipe has. */
export function validateRecipe(recipe: Recipe): void {
  checkFields("", recipe, recipes);
  checkKind("optimiser", recipe.optimiser, optimisers);
  checkKind("schedule", recipe.schedule, schedules);
  if (recipe.order) checkKind("order", recipe.order, orders);
  if (recipe.order?.kind === "shards") checkShards(recipe, recipe.order);
  checkFields("augmentation.", recipe.augmentation ?? {}, augmentations);
}

function checkShards({ epochs }: Recipe, { shards, slices = 1, assignment }: ShardOrderOptions): void {
  if (epochs > 0 && stageEpochs(epochs, slices).includes(0)) {
    const sentence = `${epochs} epochs are too few for ${slices} slices, each of which begins a stage of one epoch at least; give ${Math.ceil((slices + 1) / 2)} epochs or more, or fewer slices.`;
    throw new LetheError("recipe/invalid", sentence, { field: "order.slices", value: slices });
  }
  if (assignment === undefined) return;
  checkKind("order.assignment", assignment, assignments);
  const { boundaries } = assignment;
  const isAscending = boundaries.every(
    ([p, u], i) => i === 0 || p > boundaries[i - 1][0] || (p === boundaries[i - 1][0] && u >= boundaries[i - 1][1]),
  );
  if (boundaries.length === shards - 1 && isAscending) return;
  const sentence = `The recipe's order.assignment.boundaries must be ${shards - 1} ascending pairs, one fewer than the shards; probabilityBoundaries computes them.`;
  throw new LetheError("recipe/invalid", sentence, { field: "order.assignment.boundaries" });
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function checkKind(name: string, value: { readonly kind: string }, kinds: Readonly<Record<string, Readonly<Record<string, Check>>>>): void {
  const kind = oneOf(...Object.keys(kinds));
  checkFields(`${name}.`, { kind: value.kind }, { kind });
  checkFields(`${name}.`, value, { kind, ...kinds[value.kind] });
}

function checkFields(prefix: string, value: object, checks: Readonly<Record<string, Check>>): void {
  const given = value as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(given).find((field) => !(field in checks));
  if (unknown !== undefined) {
    throw new LetheError("recipe/invalid", `A recipe has no field ${prefix}${unknown}; here it may have ${Object.keys(checks).join(", ")}.`, {
      field: prefix + unknown,
    });
  }
  for (const [field, [needed, holds]] of Object.entries(checks)) {
    if (holds(given[field])) continue;
    throw new LetheError("recipe/invalid", `The recipe's ${prefix}${field} is ${JSON.stringify(given[field])}; it must be ${needed}.`, {
      field: prefix + field,
      value: given[field],
    });
  }
}
