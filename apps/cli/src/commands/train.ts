import { sourceHelp } from "@lethe/bench";
import { resolve } from "node:path";
import { defineCommand } from "../command-line/command.ts";
import { flag, list, number, requiredText, text } from "../command-line/options.ts";
import { backendOption } from "../compute/backend.ts";
import { modelOption } from "../compute/network.ts";
import { recipeOptions } from "../inputs/recipe.ts";
import { treatmentOptions } from "../inputs/treatment.ts";
import { trainReport } from "./train/report.ts";
import { begin, resume } from "./train/start.ts";
import { finish } from "./train/finish.ts";

export const trainOptions = {
  data: text({ placeholder: "SOURCE", help: sourceHelp }),
  test: text({ placeholder: "SOURCE", help: "test samples, where --data has none of its own" }),
  ...treatmentOptions,
  out: requiredText({ placeholder: "FOLDER", help: "where the trained model goes" }),
  overwrite: flag({ help: "replace what is there" }),
  resume: flag({ help: "go on with the interrupted training of --out" }),
  ...modelOption,
  ...recipeOptions,
  record: text({ placeholder: "METHOD", help: "a method that has to watch the training, to unlearn by it later: id, package or path" }),
  "record-set": list({ placeholder: "OPTION=VALUE", help: "an option of that method" }),
  "checkpoint-every": number({ least: 1, whole: "yes", help: "steps between two checkpoints; default 100" }),
  ...backendOption,
};

export const train = defineCommand({
  name: "train",
  about:
    "Trains a model on a data set and saves it as a standard TensorFlow.js folder, with the recipe it was trained by beside it. " +
    "Ctrl-C saves a checkpoint, from which --resume goes on; on the cpu backend the result is then the same to the bit. With --record a method watches, " +
    "and what it keeps for later requests goes into the same folder.",
  operands: {},
  options: trainOptions,
  examples: [
    "lethe train --data fashion-sample --out runs/fashion",
    "lethe train --data digits --model mlp --epochs 30 --seed 7 --out runs/digits",
    "lethe train --data images:photos,size=32 --model resnet8 --out runs/photos",
    "lethe train --recipe experiments/recipes/text-mean-ag-news-small.yaml --out runs/news",
    "lethe train --data fashion-sample --poison poison.json --out runs/poisoned",
    "lethe train --data digits --record deep-obliviate --blocks 20 --out runs/recorded",
    "lethe train --out runs/fashion --resume",
  ],
  async run({ options }, session) {
    const folder = resolve(session.environment.cwd, options.out);
    const start = options.resume ? await resume(folder, options, session.environment.cwd) : await begin(folder, options, session.environment.cwd);
    return trainReport(options.out, await finish(start, options["checkpoint-every"] ?? 100, session));
  },
});
