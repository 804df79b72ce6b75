import { resolve } from "node:path";
import { readFileChecked, saveModel } from "@lethe/core/files";
import { importWeights, modelBuilders, weightNames } from "@lethe/models";
import type { Report } from "../../command-line/command.ts";
import { UsageError } from "../../command-line/usage-error.ts";
import { openBackend } from "../../compute/backend.ts";
import { expectFree } from "../../runs/folder.ts";
import type { WeightsRequest } from "../weights.ts";

/** `lethe weights import FILE`. */
export async function importedWeights({ path, architecture, options, session }: WeightsRequest): Promise<Report> {
  const { cwd } = session.environment;
  const inputShape = shapeOf(options.shape);
  const { classes, out, names: from = weightNames(architecture)[0] } = options;
  if (classes === undefined) throw missing("classes", "the number of classes that the file's last layer has");
  await expectFree(resolve(cwd, out), options.overwrite);
  const bytes = await readFileChecked(resolve(cwd, path));
  // Nothing is computed but where numbers go; a device would only carry them to and fro.
  await openBackend("cpu");
  const { build } = modelBuilders.find(({ id }) => id === architecture)!;
  const network = build({ inputShape, classes });
  try {
    importWeights(network, bytes, { from, architecture, source: path });
    await saveModel(network, resolve(cwd, out));
    const data = { model: out, architecture, names: from, inputShape, classes, parameters: network.countParams() };
    return { data, text: ({ style }) => `The ${data.parameters.toLocaleString("en-GB")} numbers of ${path} are the model ${style.bold(out)}` };
  } finally {
    network.dispose();
  }
}

function shapeOf(given: string | undefined): readonly number[] {
  if (given === undefined) throw missing("shape", "the shape of one input, e.g. 224x224x3");
  const sizes = given.split("x").map(Number);
  if (sizes.every((size) => Number.isSafeInteger(size) && size > 0)) return sizes;
  const sentence = `--shape takes whole numbers with x between them, e.g. 224x224x3, not ${JSON.stringify(given)}.`;
  throw new UsageError("cli/bad-value", sentence, { option: "shape", given });
}

function missing(option: string, help: string): UsageError {
  return new UsageError("cli/missing-option", `lethe weights import needs --${option}: ${help}.`, { option });
}
