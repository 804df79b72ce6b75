import type { ResultRecord } from "../evaluation/result-record.ts";
import type { ForgettingCeiling, ForgettingScore } from "./forgetting-score.ts";
import type { Klom, KlomFloor } from "./klom.ts";

/**
 * The competition's score as records for a table: F, whose target is the ceiling that retrained models reach among themselves, and the final
 * score, which has none.
 *
 * @example
 * const phi = { shape: [4, 1], values: new Float64Array([0, 1, 2, 3]) };
 * const [score] = forgettingScoreRecords(forgettingScore({ unlearned: phi, retrained: phi }));
 * score.name; // "forgetting-score"
 * score.value; // 1
 * score.target; // null
 */
export function forgettingScoreRecords(score: ForgettingScore, ceiling?: ForgettingCeiling): ResultRecord[] {
  const models = `N = ${score.modelsPerSide} unlearned and retrained models`;
  const left = score.undefinedSamples.length === 0 ? "" : `; ${score.undefinedSamples.length} samples without an epsilon left out`;
  const common = { version: 1, unit: "score", direction: "higher", interval: null, flags: [] } as const;
  return [
    {
      ...common,
      name: "forgetting-score",
      title: "Forgetting score F (NeurIPS 2023)",
      recipe: `Mean over forgotten samples of 2^(1 - n), n the bin of width 1/2 of the largest epsilon of any threshold rule, ${models}${left}.`,
      value: score.forgetScore,
      target: ceiling?.mean ?? null,
    },
    {
      ...common,
      name: "forgetting-final-score",
      title: "Final score (NeurIPS 2023)",
      recipe: `F times the ratios of mean retain and mean test accuracy of unlearned to retrained models, ${models}${left}.`,
      value: score.finalScore,
      target: null,
    },
  ];
}

/**
 * KLoM as records for a table: mean, 95th and 99th percentile over samples; direction and edges are part of the names, as numbers of another
 * kind must not be compared. The targets are the floor that retrained models reach among themselves.
 *
 * @example
 * const constant = (phi: number) => ({ shape: [40, 1], values: new Float64Array(40).fill(phi) });
 * const records = klomRecords(klom({ oracle: constant(3), unlearned: constant(5) }));
 * records.map(({ name }) => name); // ["klom-oracle-unlearned-mean", "klom-oracle-unlearned-p95", "klom-oracle-unlearned-p99"]
 */
export function klomRecords(result: Klom, floor?: KlomFloor): ResultRecord[] {
  const order = result.direction === "KL(oracle || unlearned)" ? "oracle-unlearned" : "unlearned-oracle";
  const name = `klom-${order}${result.edges === "reference" ? "-reference-edges" : ""}`;
  const edges = result.edges === "closed" ? "the largest value in the last bin" : "the largest value dropped as in the reference code";
  const record = (suffix: string, what: string, value: number | null, target: number | null): ResultRecord => ({
    name: `${name}-${suffix}`,
    version: 1,
    title: `KLoM, ${result.direction}, ${what}`,
    recipe:
      `Over samples, the ${what} of ${result.direction} of margins in 20 bins over their joint range, ${edges}, ` +
      `second share at least 1e-5, N = ${result.modelsPerSide} models a side.`,
    unit: "nats",
    value,
    target,
    direction: "lower",
    interval: null,
    flags: [],
  });
  return [
    record("mean", "mean", result.mean, floor?.mean ?? null),
    record("p95", "95th percentile", result.percentile95, floor?.percentile95 ?? null),
    record("p99", "99th percentile", result.percentile99, floor?.percentile99 ?? null),
  ];
}
