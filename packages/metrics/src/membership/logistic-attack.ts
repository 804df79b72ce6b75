import { createRandom, LetheError, type Random } from "@lethe/core";
import { mean } from "../statistics/moments.ts";
import { fitLogisticRegression, type LogisticModel } from "./logistic-regression.ts";

/** Losses of one model, in nats. */
export interface LogisticAttackInput {
  readonly forget: ArrayLike<number>;
  /** Samples that no model was trained on, of the classes that occur in the forget set: else the attack tells classes apart. */
  readonly unseen: ArrayLike<number>;
}

export interface LogisticAttackOptions {
  /** `"starting-kit"`: 10 splits, losses as they are. `"scrub"`: 5 splits, losses cut to [-100, 100]. Default the former. */
  readonly protocol?: "starting-kit" | "scrub";
  /** Draws the splits and, where one side is larger, its part. Default 0. */
  readonly seed?: number | string;
}

export interface LogisticSplit extends LogisticModel {
  /** Share of the held-out samples put on the right side, in [0, 1]. */
  readonly accuracy: number;
}

export interface LogisticAttack {
  /** Mean over the splits, in [0, 1]; 0.5 where the losses tell nothing. */
  readonly accuracy: number;
  readonly splits: readonly LogisticSplit[];
}

/** Positions held out in one split. */
export interface HeldOut {
  readonly forget: ArrayLike<number>;
  readonly unseen: ArrayLike<number>;
}

/**
 * Membership attack on the loss alone, with cross-validation: how often does a logistic regression tell forget samples from unseen ones?
 *
 * The larger side is cut down to the size of the smaller at random; each split holds out ceil(n / 10) of either side, fits the others with
 * C = 1, see {@link logisticAttackOnSplits}, and counts hits. Target: a retrained model's value, near 0.5 for random forget sets. Values below 0.5 are
 * noise of the splits. One threshold on the loss: a bump at middling losses stays unseen. Needs some hundreds of samples.
 *
 * The order of the samples does not matter: they are sorted before anything is drawn.
 *
 * NeurIPS 2023 unlearning challenge, starting kit; Kurmanji et al. 2023 (SCRUB). The kit cuts down the forget set only, and leaves a smaller one as it is.
 *
 * @returns null unless both sides have two samples.
 * @throws LetheError `metrics/nan-score`.
 * @example
 * const lower = Array.from({ length: 20 }, (_, i) => i / 100);
 * logisticAttack({ forget: lower, unseen: lower.map((loss) => loss + 9) })?.accuracy; // 1
 * logisticAttack({ forget: lower.map(() => 1), unseen: lower.map(() => 1) })?.accuracy; // 0.5
 */
export function logisticAttack(
  { forget, unseen }: LogisticAttackInput,
  { protocol = "starting-kit", seed = 0 }: LogisticAttackOptions = {},
): LogisticAttack | null {
  const count = Math.min(forget.length, unseen.length);
  if (count < 2) return null;
  const random = createRandom(seed).split("logistic attack");
  const cut = (loss: number) => (protocol === "scrub" ? Math.min(100, Math.max(-100, loss)) : loss);
  const part = (losses: ArrayLike<number>, side: string) => {
    const sorted = Float64Array.from(losses, cut).toSorted();
    return sorted.length === count ? sorted : Float64Array.from(random.split(side).sample(sorted.length, count), (i) => sorted[i]);
  };
  const sides = { forget: part(forget, "forget"), unseen: part(unseen, "unseen") };
  const heldOut = Array.from({ length: protocol === "scrub" ? 5 : 10 }, (_, split) => drawHeldOut(count, random.split("split", split)));
  return logisticAttackOnSplits(sides, heldOut);
}

function drawHeldOut(count: number, random: Random): HeldOut {
  const held = Math.ceil(count / 10);
  return { forget: random.split("forget").sample(count, held), unseen: random.split("unseen").sample(count, held) };
}

/**
 * {@link logisticAttack} with given splits: for each, an L2-penalised {@link fitLogisticRegression} with C = 1 on what is not held out, and its hits on
 * what is. A held-out sample with w loss + b > 0 is called a forget sample.
 *
 * @throws LetheError `metrics/nan-score`, `metrics/bad-argument` for a split without samples on either side of it.
 * @example
 * const losses = { forget: [0, 0.1, 0.2], unseen: [2, 3, 4] };
 * logisticAttackOnSplits(losses, [{ forget: [0], unseen: [2] }]).accuracy; // 1
 */
export function logisticAttackOnSplits({ forget, unseen }: LogisticAttackInput, heldOut: readonly HeldOut[]): LogisticAttack {
  for (const losses of [forget, unseen]) {
    const bad = Array.from(losses).findIndex((loss) => !Number.isFinite(loss));
    if (bad >= 0) throw new LetheError("metrics/nan-score", `The loss of sample ${bad} is ${losses[bad]}.`, { sample: bad });
  }
  const splits = heldOut.map((held): LogisticSplit => {
    const model = fitLogisticRegression({ members: others(forget, held.forget), nonMembers: others(unseen, held.unseen) }, 1);
    const total = held.forget.length + held.unseen.length;
    if (model === null || total === 0) throw new LetheError("metrics/bad-argument", "A split must leave samples of both kinds and hold out some.");
    const said = (loss: number) => model.coefficient * loss + model.intercept > 0;
    const hits = Array.from(held.forget).filter((i) => said(forget[i])).length + Array.from(held.unseen).filter((i) => !said(unseen[i])).length;
    return { ...model, accuracy: hits / total };
  });
  const accuracy = mean(splits.map((split) => split.accuracy));
  if (accuracy === null) throw new LetheError("metrics/bad-argument", "There is no split.");
  return { accuracy, splits };
}

function others(values: ArrayLike<number>, positions: ArrayLike<number>): number[] {
  const held = new Set(Array.from(positions));
  return Array.from(values).filter((_, i) => !held.has(i));
}
