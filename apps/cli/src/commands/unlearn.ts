import { forgetGrammar } from "@lethe/datasets";
import { resolve } from "node:path";
import { defineCommand } from "../command-line/command.ts";
import { interruptible } from "../command-line/interruption.ts";
import { flag, requiredText, text } from "../command-line/options.ts";
import { backendOption, openBackend } from "../compute/backend.ts";
import { methodOptions, chooseMethod } from "../methods/option.ts";
import { expectFree } from "../runs/folder.ts";
import { openOptions, openRun } from "../runs/open.ts";
import { answer } from "./unlearn/answer.ts";
import { unlearnReport } from "./unlearn/report.ts";

export const unlearnOptions = {
  ...methodOptions,
  forget: requiredText({ placeholder: "WHAT", help: forgetGrammar }),
  "skip-twins": flag({ help: "do not look for samples that stay and are all but the same as one to forget" }),
  artifact: text({ placeholder: "FILE", help: "what lethe prepare wrote; default: the one in the run folder, if any" }),
  recording: text({ placeholder: "FOLDER", help: "what a method recorded of the training; default: in the run folder" }),
  "destroy-recording": flag({ help: "destroy the run's recording once its corrected copy is saved" }),
  out: text({ placeholder: "FOLDER", help: "where the unlearned model goes; default: RUN-METHOD" }),
  overwrite: flag({ help: "replace what is there" }),
  ...openOptions,
  ...backendOption,
};

export const unlearn = defineCommand({
  name: "unlearn",
  about:
    "Makes a trained model forget samples, and writes the result as a new model; the given one stays as it is. The model may be a run folder " +
    "or any layers model that TensorFlow.js saved. The next request on the result starts without the samples already forgotten.",
  operands: { run: { help: "folder of a trained model", required: "yes" } },
  options: unlearnOptions,
  examples: [
    "lethe unlearn runs/fashion --method ssd --forget class=Trouser",
    "lethe unlearn runs/fashion --method finetune --set epochs=3 --forget random=100 --seed 1",
    "lethe unlearn runs/people --method ssd --forget group=person:17",
    'lethe unlearn runs/people --method ssd --forget "where=year<2015,source=web,random=50"',
    "lethe unlearn runs/poisoned --method ssd --forget poisoned",
    "lethe unlearn runs/recorded --method deep-obliviate --forget random=10",
    "lethe unlearn models/mine --data fashion-sample --method ssd --forget ids.json --out models/mine-without",
  ],
  async run({ operands, options }, session) {
    const { cwd } = session.environment;
    const chosen = await chooseMethod(options, cwd);
    const out = options.out ?? `${operands.run.replace(/\/+$/, "")}-${chosen.method.id}`;
    await expectFree(resolve(cwd, out), options.overwrite);
    const backend = await openBackend(options.backend);
    const run = await openRun(operands.run, options, backend, cwd);
    try {
      const request = { run, chosen, backend, given: options, folder: resolve(cwd, out) };
      const answered = await interruptible("The request was interrupted; nothing was saved.", () => answer(request, session));
      return unlearnReport(answered, { run: operands.run, out });
    } finally {
      run.network.dispose();
    }
  },
});
