import { attackNames, attackTitles } from "../../audits/attack-names.ts";
import type { ExperimentResults } from "../../results/experiment-results.ts";
import type { ForgetKind } from "../../results/recipe-lock.ts";
import type { RunResult } from "../../results/run-result.ts";
import type { Summary } from "../../summary/summary.ts";
import type { Block } from "../document.ts";
import { decimal } from "../numbers.ts";
import { distinct, listed, plural } from "../words.ts";

/** What is open, and why. */
type Open = readonly [what: string, why: string];

/** What the results leave open, read off the results. */
export function untestedSection(results: ExperimentResults, summary: Summary): readonly Block[] {
  const { runs } = results;
  const items = [
    ...failures(results),
    ...oracles(runs),
    ...seeds(summary),
    ...resolution(summary),
    ...shadows(results),
    ...scope(runs),
    ...tuning(runs),
    ...metrics(runs),
    ...otherAdversaries,
    ...series(runs),
  ];
  return [
    { kind: "heading", level: 2, text: "What was not tested", id: "not-tested" },
    { kind: "list", items: items.map(([what, why]) => ({ text: [{ strong: `${what}.` }, ` ${why}`] })) },
  ];
}

const otherAdversaries: readonly Open[] = [
  [
    "Other adversaries",
    "Every attack here sees the outputs of the finished model only. Not covered: one who also has the model from before, who reads the weights, " +
      "who trains or compresses the model further and watches what comes back, or who chose the samples to be forgotten.",
  ],
];

function series(runs: readonly RunResult[]): readonly Open[] {
  if (runs.some(({ sequence }) => sequence !== undefined)) return [];
  return [["A series of requests", "Each model answered one request; requests that start from the last answer were not tested."]];
}

function failures({ failures }: ExperimentResults): readonly Open[] {
  return failures.map(({ problem, scenario, method, seed, code, message }) => [
    "A run that failed",
    `${method} on ${problem}: ${scenario}, seed ${seed} (${code}). ${message}`,
  ]);
}

function oracles(runs: readonly RunResult[]): readonly Open[] {
  const least = Math.min(...runs.map(({ evaluation }) => evaluation.oracleCount));
  if (runs.length === 0 || least >= 5) return [];
  const why =
    least < 3
      ? `${plural(least, "oracle")} per seed: bands are missing or mean little, and distances need three.`
      : `${plural(least, "oracle")} per seed make wide bands, and a wide band is easy to be inside.`;
  return [["The spread of retraining", why]];
}

/** Problems may have seeds of their own: the fewest count. */
function seeds({ seeds: all, scenarios }: Summary): readonly Open[] {
  const length = Math.min(all.length, ...scenarios.map(({ rows }) => rows[0].seeds.length));
  if (length >= 5) return [];
  const why =
    length < 3
      ? "intervals are missing or mean little; three are the least, five for claims."
      : "enough for intervals, few for claims; five are the usual least.";
  return [["More repetitions", `${plural(length, "seed")}: ${why}`]];
}

function resolution({ scenarios }: Summary): readonly Open[] {
  if (scenarios.length === 0) return [];
  const least = Math.min(...scenarios.map(({ sampleCounts }) => sampleCounts.forget));
  const step = decimal(100 / Math.max(1, least), least > 200 ? 2 : 1);
  return [
    [
      "Small effects",
      `The smallest forget set has ${plural(least, "sample")}, so that its accuracy moves in steps of ${step} points, and no attack can show a false-positive rate below one sample.`,
    ],
  ];
}

const overstated = "attacks with one rule for all samples overstate how well something was forgotten.";

function shadows({ runs, audits }: ExperimentResults): readonly Open[] {
  if (audits.length === 0) return [["Attacks with shadow models", `Neither U-LiRA nor RMIA was run, and ${overstated}`]];
  const audited = audits.filter(({ role }) => role === "method").map(({ method }) => method);
  const methods = distinct(runs.filter(({ role }) => role === "method").map(({ method }) => method)).filter((method) => !audited.includes(method));
  const attacked = distinct(audits.map(({ problem }) => problem));
  const run = distinct(audits.flatMap(({ attacks }) => attacks.map(({ name }) => name)));
  const names = listed(run.map((name) => attackTitles[name]));
  const left = attackNames.filter((name) => !run.includes(name)).map((name) => attackTitles[name]);
  const problems = distinct(runs.map(({ problem }) => problem)).filter((problem) => !attacked.includes(problem));
  return [
    ...(methods.length === 0 ? [] : [[`${names} of every method`, `Not run on ${listed(methods)}, and ${overstated}`] as const]),
    ...(problems.length === 0 ? [] : [[`${names} of every problem`, `Run on ${listed(attacked)}, not on ${listed(problems)}.`] as const]),
    [
      "Other attacks with shadow models",
      `Attacks other than ${names}${left.length === 0 ? "" : `, such as ${listed(left)},`} were not run; one that looks elsewhere may find more.`,
    ],
  ];
}

function scope(runs: readonly RunResult[]): readonly Open[] {
  if (runs.length === 0) return [];
  const all = (of: (run: RunResult) => string) => distinct(runs.map(of));
  const backends = all(({ lock }) => lock.backend);
  const kinds = all(({ lock }) => kindInWords(lock.forget.kind));
  return [
    ["Other data and models", `Data: ${listed(all(({ lock }) => lock.data.train))}. Models: ${listed(all(({ lock }) => lock.model.builder))}.`],
    [
      "Other forget sets",
      `Forgotten were ${listed(kinds)} and nothing else; what is hardest, such as the most memorised or poisoned samples, only where the experiment named it.`,
    ],
    ...(kinds.includes(classesInWords)
      ? [
          [
            "Concepts",
            "Where a class is forgotten, the yardstick is a model that never saw its samples. Whether the concept is gone, and cannot be recovered from related classes, is another question.",
          ] as const,
        ]
      : []),
    ...(backends.length === 1
      ? [["Other backends", `Every number was computed on ${backends[0]}; times above all will differ elsewhere.`] as const]
      : []),
  ];
}

const classesInWords = "whole classes";

function kindInWords(kind: ForgetKind): string {
  if ("random" in kind) return kind.of === undefined ? "random samples" : `random ones of ${kindInWords(kind.of)}`;
  if ("class" in kind) return classesInWords;
  if ("where" in kind) return "samples of one group";
  return "poisoned" in kind ? "poisoned samples" : "named samples";
}

function tuning(runs: readonly RunResult[]): readonly Open[] {
  const methods = runs.filter(({ role, cost }) => role === "method" && cost.search === null);
  const given = distinct(methods.map(({ method }) => method));
  return given.length === 0 ? [] : [["Other options", `Those of ${listed(given)} were given, not searched for; others may do better or worse.`]];
}

function metrics(runs: readonly RunResult[]): readonly Open[] {
  const chosen = runs.find(({ lock }) => lock.metrics !== null)?.lock.metrics;
  return chosen ? [["Other measures", `Only ${listed(chosen)} were computed, as the experiment asked.`]] : [];
}
