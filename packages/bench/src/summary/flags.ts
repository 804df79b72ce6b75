import type { Flag } from "@lethe/metrics";
import { distinct } from "./tally.ts";
import type { RowSummary, ScenarioFlag } from "./summary.ts";

interface FlagsOfSeed {
  readonly seed: number;
  readonly flags: readonly Flag[];
}

/** Each code once, with the seeds that have it. */
export function mergeFlags(bySeed: readonly FlagsOfSeed[]): RowSummary["flags"] {
  const all = bySeed.flatMap(({ seed, flags }) => flags.map((flag) => ({ seed, flag })));
  return distinct(all.map(({ flag }) => flag.code)).map((code) => {
    const same = all.filter(({ flag }) => flag.code === code);
    return {
      flag: { code, sentence: same[0].flag.sentence, metrics: distinct(same.flatMap(({ flag }) => flag.metrics)) },
      seeds: distinct(same.map(({ seed }) => seed)),
    };
  });
}

/** What the evaluations say of themselves, and whether there are seeds enough to speak of intervals. */
export function scenarioFlags(bySeed: readonly FlagsOfSeed[]): readonly ScenarioFlag[] {
  const seeds = distinct(bySeed.map(({ seed }) => seed));
  const own = mergeFlags(bySeed).map(({ flag, seeds: having }): ScenarioFlag => ({ ...flag, seeds: having }));
  return seeds.length < 3 ? [...own, fewSeeds(seeds)] : own;
}

function fewSeeds(seeds: readonly number[]): ScenarioFlag {
  const sentence =
    seeds.length === 1
      ? "One seed shows no spread between repetitions, so there are no intervals and no equivalence; use three or more, five for claims."
      : "Intervals over two seeds are very wide; use three or more, five for claims.";
  return { code: "needs-more-seeds", sentence, metrics: [], seeds };
}
