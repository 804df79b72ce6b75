import { defineCommand } from "../command-line/command.ts";
import { interruptible } from "../command-line/interruption.ts";
import { flag, number, text } from "../command-line/options.ts";
import { backendOption } from "../compute/backend.ts";
import { replayReport } from "./replay/report.ts";
import { runReplay } from "./replay/run.ts";

export const replayOptions = {
  tolerance: number({ least: 0, whole: "no", help: "relative difference that is let pass; default: what each metric can tell apart on its samples" }),
  all: flag({ help: "show every number, not only those that are not equal" }),
  data: text({ placeholder: "SOURCE", help: "where the training data lies now; default: where it was" }),
  test: text({ placeholder: "SOURCE", help: "where the test data lies now" }),
  cache: text({ placeholder: "FOLDER", help: "where models are kept, to go on after an interruption; default: a temporary folder" }),
  workers: number({ least: 1, most: 256, whole: "yes", help: "models to train at the same time; default: one per core" }),
  backend: { ...backendOption.backend, help: "where to compute; default: where the result was made" },
};

export const replay = defineCommand({
  name: "replay",
  about:
    "Makes one result of an experiment again from what it says about itself (data by hash, forgotten samples, recipe, seeds, options), and compares every " +
    "number. On the same backend with the same versions they are equal. Of an audit all shadow models are made again, and its control. Ends with 5 if a " +
    "number is different.",
  operands: { result: { help: "a file in runs/ or audits/ of a results folder", required: "yes" } },
  options: replayOptions,
  examples: [
    "lethe replay results/first-table/runs/digits--class--ssd--seed-0.json",
    "lethe replay results/first-table/runs/digits--class--ssd--seed-0.json --backend cpu --all",
    "lethe replay results/u-lira-digits/audits/u-lira--ssd.json",
  ],
  async run({ operands, options }, session) {
    const sentence =
      options.cache === undefined
        ? "The replay was interrupted; nothing is kept."
        : "The replay was interrupted; run it again, what is finished is kept.";
    return interruptible(sentence, async () => replayReport(await runReplay(operands.result, options, session), options));
  },
});
