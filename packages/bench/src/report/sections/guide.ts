import type { ExperimentResults } from "../../results/experiment-results.ts";
import type { Summary } from "../../summary/summary.ts";
import type { Block } from "../document.ts";
import { marks, shownEqual } from "../verdicts.ts";
import { distinct, listed, plural } from "../words.ts";

/** What was done, in one line. */
export function subtitleOf({ runs, audits }: ExperimentResults, { seeds }: Summary): string {
  const count = (of: (run: (typeof runs)[number]) => string) => distinct(runs.map(of)).length;
  const methods = distinct(runs.filter(({ role }) => role === "method").map(({ method }) => method)).length;
  const audited = distinct(audits.map(({ audit }) => audit)).length;
  return listed([
    plural(
      count(({ problem }) => problem),
      "problem",
    ),
    plural(
      count(({ problem, scenario }) => `${problem}/${scenario}`),
      "scenario",
    ),
    plural(methods, "method"),
    plural(seeds.length, "seed"),
    ...(audited > 0 ? [plural(audited, "audit")] : []),
  ]);
}

export function guide(): readonly Block[] {
  return [
    {
      kind: "paragraph",
      tone: "lead",
      text: [
        "Each method had a trained model forget some of its training samples. Beside it stand the ",
        { strong: "oracles" },
        ": models retrained from nothing without those samples. The ",
        { strong: "oracle band" },
        " is where one more retrained model is expected in 95 of 100 cases; a number inside it cannot be told from retraining by that measure, and neither higher nor lower is better than inside. " +
          "Numbers are means over seeds, with 95% t-intervals over the seeds below them. All of it is statistical evidence, not proof: with many numbers, even a genuine retrained model leaves its band about once in twenty.",
      ],
    },
    {
      kind: "list",
      items: [
        { mark: marks["within oracle band"], text: "within the oracle band" },
        { mark: shownEqual, text: "within, and equivalence with the oracles shown" },
        { mark: marks["under-forgotten"], text: "under-forgotten: the forget set is still remembered" },
        { mark: marks["over-forgotten"], text: "over-forgotten: treated worse than data never seen" },
        { mark: marks["worse than oracle band"], text: "less useful than retrained" },
        { mark: marks["better than oracle band"], text: "more useful than retrained" },
        { mark: marks["stands out"], text: "stands out: an attack picks out the forget set" },
        { mark: marks["different from retrained"], text: "farther from the oracles than they are from one another" },
        { mark: marks["needs more oracles"], text: "too few oracles for a verdict" },
      ],
    },
    {
      kind: "paragraph",
      tone: "note",
      text:
        "A cell has the mark of most seeds, the graver one of a tie; how many they are stands below where not all agree. Equivalence is shown where two one-sided tests at level 0.05 find the difference from the oracles smaller than twice their " +
        "standard deviation; where it is not shown, there need not be a difference. Loss attack: area under the curve of telling the forget set from unseen samples by the loss, 0.5 is blind. " +
        "Exposure: the same for standing out on either side. JS: Jensen-Shannon divergence from the oracles’ outputs on the forget set. Tug-of-War: product over the three sets of 1 − |accuracy − oracles’ accuracy|. " +
        "Moved: norm of the change of all weights, by the request alone. Time: of one request; what is done once for all requests, and the search for options, are below it. Faster: mean time of retraining over mean time of a request.",
    },
  ];
}
