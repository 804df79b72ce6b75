import { treatmentOf } from "@lethe/bench";
import { dirname, join, resolve } from "node:path";
import { defineCommand } from "../command-line/command.ts";
import { interruptible } from "../command-line/interruption.ts";
import { flag, number, text } from "../command-line/options.ts";
import { backendOption, openBackend } from "../compute/backend.ts";
import { readManifest } from "../runs/folder.ts";
import type { RunManifest } from "../runs/manifest.ts";
import { openOptions, openRun, type OpenGiven } from "../runs/open.ts";
import { expectMadeFrom, findOriginal } from "../evaluation/origin.ts";
import { judge } from "./evaluate/judge.ts";
import { evaluationReport } from "./evaluate/report.ts";

export const evaluateOptions = {
  original: text({ placeholder: "FOLDER", help: "the model before unlearning; default: where it was when RUN was made" }),
  oracles: number({ least: 1, most: 100, whole: "yes", help: "models to retrain without the forget set; default 3, two or more for verdicts" }),
  cache: text({ placeholder: "FOLDER", help: "where retrained models are kept for the next evaluation; default: .oracles beside RUN" }),
  workers: number({ least: 1, most: 256, whole: "yes", help: "models to train at the same time; default: one per core" }),
  all: flag({ help: "show every metric, not the main ones only" }),
  seed: number({ least: 0, most: Number.MAX_SAFE_INTEGER, whole: "yes", help: "of the attacks' random halves; default 0" }),
  ...openOptions,
  ...backendOption,
};

export const evaluate = defineCommand({
  name: "evaluate",
  about:
    "Judges an unlearned model: beside the model it came from, and beside models retrained without the forget set (oracles). A number is good " +
    "where it lies within the band in which one more retrained model is expected. Oracles are kept, so that a second evaluation is fast.",
  operands: { run: { help: "folder that lethe unlearn wrote", required: "yes" } },
  options: evaluateOptions,
  examples: ["lethe evaluate runs/fashion-ssd", "lethe evaluate runs/fashion-ssd --original runs/fashion --oracles 5 --all"],
  async run({ operands, options }, session) {
    const { cwd } = session.environment;
    const backend = await openBackend(options.backend);
    const run = await openRun(operands.run, options, backend, cwd);
    try {
      const folder = await findOriginal(operands.run, run.manifest, options.original, cwd);
      const original = await openRun(folder, await optionsForOriginal(folder, options, run.manifest), backend, cwd);
      try {
        expectMadeFrom(operands.run, run.manifest, options.original ?? folder, original.manifest);
        const cache = options.cache === undefined ? join(dirname(run.folder), ".oracles") : resolve(cwd, options.cache);
        const sentence = "The evaluation was interrupted; run it again, the oracles that are finished are kept.";
        const judgement = await interruptible(sentence, () => judge({ run, original, backend: backend.name, cache, given: options }, session));
        return evaluationReport(judgement, { run: operands.run, all: options.all });
      } finally {
        original.network.dispose();
      }
    } finally {
      run.network.dispose();
    }
  },
});

/** A plain model does not know its data; the run that was made from it does. A run knows its recipe; a plain model may be told. */
async function optionsForOriginal(folder: string, given: OpenGiven, { data }: RunManifest): Promise<OpenGiven> {
  const isRun = (await readManifest(folder)) !== undefined;
  const treatment = treatmentOf(data);
  return { data: given.data ?? data.train, test: given.test ?? data.test, classes: undefined, recipe: isRun ? undefined : given.recipe, treatment };
}
