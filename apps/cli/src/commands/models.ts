import { defaultRecipe } from "@lethe/bench";
import { modelBuilders } from "@lethe/models";
import { defineCommand, type Report } from "../command-line/command.ts";
import { plural } from "../terminal/format.ts";
import { renderTable } from "../terminal/table.ts";
import type { View } from "../terminal/view.ts";
import { wrap } from "../terminal/wrap.ts";
import { inputsInWords } from "./models/inputs.ts";
import { modelReport } from "./models/one.ts";

export const models = defineCommand({
  name: "models",
  about:
    "Lists the architectures that lethe train and experiments know by name, or shows one. Any other tf.LayersModel can be unlearned from as well: save it in a folder and name that.",
  operands: { model: { help: "id of one architecture", required: "no" } },
  options: {},
  examples: ["lethe models", "lethe models resnet20", "lethe train --data mnist --model lenet5"],
  async run({ operands: { model } }) {
    const lines = modelBuilders.map(({ id, title, takes }) => ({ id, title, takes, recipe: defaultRecipe(id, 0) }));
    if (model === undefined) return { data: { models: lines }, text: (view) => describe(lines, view) };
    return one(model);
  },
});

/** @throws LetheError `model/unknown-builder`. */
function one(id: string): Report {
  const recipe = defaultRecipe(id, 0);
  return modelReport(
    modelBuilders.find((builder) => builder.id === id)!,
    recipe,
  );
}

interface Line {
  readonly id: string;
  readonly title: string;
  readonly takes: keyof typeof inputsInWords;
  readonly recipe: ReturnType<typeof defaultRecipe>;
}

function describe(lines: readonly Line[], view: View): string {
  const { style, columns } = view;
  const head = ["id", "architecture", "takes", "usual training"];
  const rows = lines.map(({ id, title, takes, recipe }) => [
    style.cyan(id),
    title,
    inputsInWords[takes],
    `${plural(recipe.epochs, "epoch")}, ${recipe.optimiser.kind}, rate ${recipe.schedule.rate}`,
  ]);
  const hint = "lethe models ID says more of one; lethe train --data NAME --model ID trains one; --recipe FILE changes how.";
  return [
    renderTable({ head, rows, align: head.map(() => "left"), dispensable: ["usual training", "takes"] }, view),
    "",
    ...wrap(hint, columns).map(style.dim),
  ].join("\n");
}
