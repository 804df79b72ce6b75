import { defineCommand } from "../command-line/command.ts";
import { interruptible } from "../command-line/interruption.ts";
import { number, text } from "../command-line/options.ts";
import { backendOption } from "../compute/backend.ts";
import { benchReport } from "./bench/report.ts";
import { defaultCache, runBench } from "./bench/run.ts";

export const benchOptions = {
  out: text({ placeholder: "FOLDER", help: "where the results go; default results/NAME" }),
  cache: text({ placeholder: "FOLDER", help: `where models are kept that were made once; default ${defaultCache}` }),
  workers: number({ least: 1, most: 256, whole: "yes", help: "models to train at the same time; default: one per core" }),
  ...backendOption,
};

export const bench = defineCommand({
  name: "bench",
  about:
    "Runs an experiment: which methods forget what, how well beside retrained models, and how fast, for several seeds. Models are made once and kept, so " +
    "that an interrupted run goes on where it was, and a changed one makes only what is new. Every result can be made again with lethe replay. Paths in the " +
    "experiment are relative to the working directory.",
  operands: { experiment: { help: "YAML file that says what to do", required: "yes" } },
  options: benchOptions,
  examples: ["lethe bench experiment.yaml", "lethe bench experiment.yaml --out results/second --workers 2"],
  async run({ operands, options }, session) {
    const sentence = "The experiment was interrupted; run the same command again, what is finished is kept.";
    return interruptible(sentence, async () => benchReport(await runBench(operands.experiment, options, session)));
  },
});
