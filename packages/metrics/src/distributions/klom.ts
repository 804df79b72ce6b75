import { createRandom, LetheError, type HostTensor } from "@lethe/core";
import { valuesOfSample } from "../shadow/model-scores.ts";
import { mean } from "../statistics/moments.ts";
import type { SplitOptions } from "./forgetting-score.ts";
import { binnedKl, type KlomEdges } from "./histogram-divergence.ts";
import { sizesOfPair, splitModels } from "./model-pairs.ts";

/** Which distribution comes first in the divergence. */
export type KlomDirection = "KL(oracle || unlearned)" | "KL(unlearned || oracle)";

export interface KlomInput {
  /** `[models, samples]` margins under retrained models. */
  readonly oracle: HostTensor;
  /** `[models, samples]` margins under as many unlearned models. */
  readonly unlearned: HostTensor;
  /** Left out, `"KL(oracle || unlearned)"`, which is what published numbers are. */
  readonly direction?: KlomDirection;
  /** Left out, `"closed"`. */
  readonly edges?: KlomEdges;
}

/** In nats; null where a number is not defined. */
export interface Klom {
  readonly direction: KlomDirection;
  readonly edges: KlomEdges;
  readonly modelsPerSide: number;
  /** `[samples]`; null only with `"reference"` edges. */
  readonly perSample: readonly (number | null)[];
  /** Null as soon as one sample's value is. */
  readonly mean: number | null;
  readonly percentile95: number | null;
  readonly percentile99: number | null;
}

/**
 * KLoM, KL divergence of margins: how far, for each sample, the distribution of the margin over unlearned models is from that over retrained
 * ones.
 *
 * Margins are cut to [-100, 100]; 20 bins of equal width span both samples of N values; KL(oracle || unlearned) = sum p log(p / q) in nats, where
 * q is raised to 1e-5 wherever p > 0 and normalised again; about 11.5 at most. Report it for forget, retain and validation samples
 * separately, beside {@link klomFloor}: at N = 100 equal distributions already give about 0.3, at N = 20 about 3.
 *
 * Georgiev et al. 2024, Attribute-to-Delete: Machine Unlearning via Datamodel Matching; the recipe is that of the reference code
 * RoyRin/data-unlearning-bench, whose lost maximum is `edges: "reference"` (see {@link KlomEdges}).
 *
 * @throws LetheError `metrics/shape-mismatch`, `metrics/non-finite-score`, `metrics/too-few-models` without models.
 * @example
 * const constant = (phi: number) => ({ shape: [40, 1], values: new Float64Array(40).fill(phi) });
 * klom({ oracle: constant(3), unlearned: constant(3) }).perSample; // [0]
 * klom({ oracle: constant(3), unlearned: constant(5) }).perSample; // [11.512935]
 * klom({ oracle: constant(3), unlearned: constant(5), edges: "reference" }).perSample; // [0]
 */
export function klom({ oracle, unlearned, direction = "KL(oracle || unlearned)", edges = "closed" }: KlomInput): Klom {
  const { modelCount, sampleCount } = sizesOfPair(unlearned, oracle);
  if (modelCount === 0) throw new LetheError("metrics/too-few-models", "KLoM needs models.", { models: modelCount });
  const [first, second] = direction === "KL(oracle || unlearned)" ? [oracle, unlearned] : [unlearned, oracle];
  const perSample = Array.from({ length: sampleCount }, (_, j) => binnedKl(valuesOfSample(first, j), valuesOfSample(second, j), edges));
  const defined = perSample.filter((value) => value !== null);
  const complete = defined.length === perSample.length ? Float64Array.from(defined).toSorted() : new Float64Array(0);
  return {
    direction,
    edges,
    modelsPerSide: modelCount,
    perSample,
    mean: mean(complete),
    percentile95: percentile(complete, 0.95),
    percentile99: percentile(complete, 0.99),
  };
}

/** What retrained models give against one another. */
export interface KlomFloor {
  /** Mean over the samples, of each split. */
  readonly values: readonly number[];
  /** Means over the splits of the mean and of the percentiles over the samples; null without samples. */
  readonly mean: number | null;
  readonly percentile95: number | null;
  readonly percentile99: number | null;
  readonly modelsPerSide: number;
}

/**
 * The KLoM of perfect unlearning: retrained models against other retrained models, over random halves of them.
 *
 * Binned divergences of finite samples are biased upward, the more the fewer models there are, and a half has half as many: for the floor
 * of an evaluation with N models a side pass 2 N retrained models.
 *
 * @param oracle `[models, samples]` margins.
 * @throws LetheError as {@link klom}.
 * @example
 * const constant = { shape: [40, 1], values: new Float64Array(40) };
 * klomFloor(constant, { seed: 1, splits: 2 }); // { values: [0, 0], mean: 0, percentile95: 0, percentile99: 0, modelsPerSide: 20 }
 */
export function klomFloor(oracle: HostTensor, { splits = 10, seed }: SplitOptions): KlomFloor {
  const random = createRandom(seed).split("klom floor");
  const found = Array.from({ length: splits }, (_, split) => {
    const [first, second] = splitModels(oracle, random.split(split));
    return klom({ oracle: first, unlearned: second });
  });
  const defined = (name: "mean" | "percentile95" | "percentile99") => found.map((result) => result[name]).filter((value) => value !== null);
  return {
    values: defined("mean"),
    mean: mean(defined("mean")),
    percentile95: mean(defined("percentile95")),
    percentile99: mean(defined("percentile99")),
    modelsPerSide: oracle.shape[0] >> 1,
  };
}

/** With linear interpolation between the two values around position share (n - 1). */
function percentile(increasing: Float64Array, share: number): number | null {
  if (increasing.length === 0) return null;
  const position = share * (increasing.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, increasing.length - 1);
  return increasing[below] + (position - below) * (increasing[above] - increasing[below]);
}
