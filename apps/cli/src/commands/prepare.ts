import { join, relative, resolve } from "node:path";
import { prepare as prepareModel, type Cost } from "@lethe/core";
import { defineCommand, type Report } from "../command-line/command.ts";
import { interruptible } from "../command-line/interruption.ts";
import { flag, text } from "../command-line/options.ts";
import { UsageError } from "../command-line/usage-error.ts";
import { backendOption, openBackend } from "../compute/backend.ts";
import { chooseMethod, methodOptions } from "../methods/option.ts";
import { artifactName, saveArtifact } from "../runs/artifacts.ts";
import { isThere } from "../runs/folder.ts";
import { openOptions, openRun, type OpenRun } from "../runs/open.ts";
import { facts } from "../terminal/facts.ts";
import { bytes, count, duration } from "../terminal/format.ts";

export const prepare = defineCommand({
  name: "prepare",
  about:
    "Does the work that a method does once per trained model, and keeps the result, so that each request is fast and, for some methods, " +
    "needs the training data no more. In a run folder lethe unlearn finds it by itself.",
  operands: { run: { help: "folder of a trained model", required: "yes" } },
  options: {
    ...methodOptions,
    out: text({ placeholder: "FILE", help: "the artifact; default: artifact-METHOD.safetensors in the run folder" }),
    overwrite: flag({ help: "replace what is there" }),
    ...openOptions,
    ...backendOption,
  },
  examples: ["lethe prepare runs/fashion --method ssd", "lethe prepare models/mine --data fashion-sample --method ssd --out mine-ssd.safetensors"],
  async run({ operands, options }, { environment, progress }) {
    const { cwd, signal } = environment;
    const chosen = await chooseMethod(options, cwd);
    if (chosen.method.needs.trace === "required") {
      const sentence = `${chosen.method.id} has nothing to prepare after the training, which it has to watch; train with lethe train --record ${options.method}.`;
      throw new UsageError("cli/has-to-watch", sentence, { method: chosen.method.id });
    }
    const backend = await openBackend(options.backend);
    const run = await openRun(operands.run, options, backend, cwd);
    try {
      const path = await artifactPath(run, chosen.method.id, options, cwd);
      const { remaining: data, recipe, model } = run;
      const request = {
        model,
        data,
        validation: run.data.validation,
        recipe,
        method: chosen.configured,
        seed: options.seed,
        signal,
        onProgress: progress.report,
      };
      const { artifact, cost } = await interruptible("The preparation was interrupted; nothing was written.", () => prepareModel(request));
      if (artifact === undefined) return nothingToPrepare(chosen.method.id);
      return report({ method: chosen.method.id, path: relative(cwd, path), size: await saveArtifact(path, artifact), cost, backend: backend.name });
    } finally {
      run.network.dispose();
    }
  },
});

async function artifactPath(
  run: OpenRun,
  id: string,
  given: { readonly out: string | undefined; readonly overwrite: boolean },
  cwd: string,
): Promise<string> {
  if (given.out === undefined && "imported" in run.manifest.model && run.manifest.lineage.length === 0) {
    throw new UsageError("cli/missing-option", `${run.folder} is not a run of Lethe and is left as it is; say with --out where the artifact goes.`, {
      option: "out",
    });
  }
  const path = given.out === undefined ? join(run.folder, artifactName(id)) : resolve(cwd, given.out);
  if (given.overwrite || !(await isThere(path))) return path;
  throw new UsageError("cli/output-exists", `${path} is there already; choose another --out, or add --overwrite to replace it.`, { path });
}

interface Prepared {
  readonly method: string;
  readonly path: string;
  readonly size: number;
  readonly cost: Cost;
  readonly backend: string;
}

function report({ method, path, size, cost, backend }: Prepared): Report {
  return {
    data: { method, artifact: path, bytes: size, cost, backend },
    text: ({ style }) =>
      [
        `${style.green("✓")} ${style.bold(method)} is prepared`,
        "",
        ...facts(
          [
            ["time", `${duration(cost.seconds)} on ${backend}`],
            ["samples", `${count(cost.samplesForward)} forward, ${count(cost.samplesBackward)} backward`],
            ["saved in", `${path} ${style.dim(`(${bytes(size)})`)}`],
          ],
          style,
        ),
      ].join("\n"),
  };
}

function nothingToPrepare(method: string): Report {
  return { data: { method, artifact: null }, text: () => `${method} needs no preparation; nothing was written.` };
}
