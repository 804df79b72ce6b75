import { resolve } from "node:path";
import { defineCommand } from "../command-line/command.ts";
import { interruptible } from "../command-line/interruption.ts";
import { flag, number, text } from "../command-line/options.ts";
import { backendOption } from "../compute/backend.ts";
import { demoReport } from "./demo/report.ts";
import { runDemo } from "./demo/run.ts";

export const demoOptions = {
  quick: flag({ help: "half the training and three oracles instead of four: less certain, but under a minute" }),
  oracles: number({ least: 2, most: 20, whole: "yes", help: "models to retrain for each scenario; default 4" }),
  out: text({ placeholder: "FOLDER", help: "where the models go; default runs/demo" }),
  seed: number({ least: 0, most: Number.MAX_SAFE_INTEGER, whole: "yes", help: "decides all randomness; default 0" }),
  workers: number({ least: 1, most: 256, whole: "yes", help: "models to train at the same time; default: one per core" }),
  ...backendOption,
};

export const demo = defineCommand({
  name: "demo",
  about:
    "Trains a small convolutional network on 2,000 images of clothes, makes it forget first a class and then 100 samples at random, each by SSD, " +
    "fine-tuning and retraining, and judges the results beside models that never saw the samples. All models are saved.",
  operands: {},
  options: demoOptions,
  examples: ["lethe demo", "lethe demo --quick", "lethe demo --seed 7 --oracles 6 --out runs/demo-7"],
  async run({ options }, session) {
    const out = options.out ?? "runs/demo";
    const sentence = "The demo was interrupted; run it again, the oracles that are finished are kept.";
    return interruptible(sentence, async () => demoReport(await runDemo(resolve(session.environment.cwd, out), options, session), out));
  },
});
