import { modelBuilders, weightNames, type ModelId } from "@lethe/models";
import { closest } from "../command-line/closest.ts";
import { defineCommand, type Report } from "../command-line/command.ts";
import { choice, flag, number, requiredText, text, type Values } from "../command-line/options.ts";
import { UsageError } from "../command-line/usage-error.ts";
import type { Session } from "../session.ts";
import { exportedWeights } from "./weights/export.ts";
import { importedWeights } from "./weights/import.ts";

const exchanged = modelBuilders.map(({ id }) => id).filter((id) => weightNames(id).length > 0);

export const weightsOptions = {
  model: requiredText({ placeholder: "ID", help: `the architecture: ${exchanged.join(", ")}` }),
  names: choice({
    choices: ["torchvision", "timm", "pytorch", "keras"],
    help: "whose names the tensors have; default: the first of these that knows the architecture",
  }),
  shape: text({ placeholder: "HxWxC", help: "import: the shape of one input, e.g. 224x224x3" }),
  classes: number({ least: 2, whole: "yes", help: "import: the number of classes" }),
  out: requiredText({ placeholder: "PATH", help: "import: the folder of the model; export: the file" }),
  overwrite: flag({ help: "replace what is there" }),
};

export interface WeightsRequest {
  /** The second word. */
  readonly path: string;
  readonly architecture: ModelId;
  readonly options: Values<typeof weightsOptions>;
  readonly session: Session;
}

const actions: ReadonlyMap<string, (request: WeightsRequest) => Promise<Report>> = new Map([
  ["import", importedWeights],
  ["export", exportedWeights],
]);

export const weights = defineCommand({
  name: "weights",
  about:
    "Makes a model of a safetensors file that PyTorch or Keras code wrote (import), or such a file of a model (export). The architecture has the widths " +
    "that lethe models lists it with.",
  operands: {
    action: { help: "import or export", required: "yes" },
    path: { help: "import: the safetensors file; export: the folder of the model", required: "yes" },
  },
  options: weightsOptions,
  examples: [
    "lethe weights import vit.safetensors --model vit-tiny-16 --shape 224x224x3 --classes 1000 --out models/vit",
    "lethe weights export runs/digits --model mlp --out digits.safetensors",
  ],
  async run({ operands: { action, path }, options }, session) {
    const act = actions.get(action);
    if (act === undefined) throw unknownAction(action);
    return act({ path, architecture: architectureOf(options.model), options, session });
  },
});

function architectureOf(given: string): ModelId {
  const architecture = exchanged.find((id) => id === given);
  if (architecture !== undefined) return architecture;
  const sentence = `--model takes ${exchanged.join(", ")}, not ${JSON.stringify(given)}.`;
  throw new UsageError("cli/bad-value", sentence, { option: "model", given, choices: exchanged });
}

function unknownAction(given: string): UsageError {
  const known = [...actions.keys()];
  const similar = closest(given, known);
  const advice = similar === undefined ? `there are ${known.join(" and ")}.` : `did you mean ${similar}?`;
  return new UsageError("cli/unknown-action", `lethe weights has no action ${given}; ${advice}`, { given, known });
}
