import { defaultRecipe } from "@lethe/bench";
import { modelBuilders } from "@lethe/models";
import { defineCommand } from "../command-line/command.ts";
import { plural } from "../terminal/format.ts";
import { renderTable } from "../terminal/table.ts";
import type { View } from "../terminal/view.ts";
import { wrap } from "../terminal/wrap.ts";

const inputs = { numbers: "numbers of any shape", images: "images", tokens: "texts as token ids" } as const;

export const models = defineCommand({
  name: "models",
  about:
    "Lists the architectures that lethe train and experiments know by name. Any other tf.LayersModel can be unlearned from as well: save it in a folder and name that.",
  operands: {},
  options: {},
  examples: ["lethe models", "lethe train --data mnist --model lenet5"],
  async run() {
    const lines = modelBuilders.map(({ id, title, takes }) => ({ id, title, takes, recipe: defaultRecipe(id, 0) }));
    return { data: { models: lines }, text: (view) => describe(lines, view) };
  },
});

interface Line {
  readonly id: string;
  readonly title: string;
  readonly takes: keyof typeof inputs;
  readonly recipe: ReturnType<typeof defaultRecipe>;
}

function describe(lines: readonly Line[], view: View): string {
  const { style, columns } = view;
  const head = ["id", "architecture", "takes", "usual training"];
  const rows = lines.map(({ id, title, takes, recipe }) => [
    style.cyan(id),
    title,
    inputs[takes],
    `${plural(recipe.epochs, "epoch")}, ${recipe.optimiser.kind}, rate ${recipe.schedule.rate}`,
  ]);
  const hint = "lethe train --data NAME --model ID trains one; --recipe FILE changes how.";
  return [
    renderTable({ head, rows, align: head.map(() => "left"), dispensable: ["usual training", "takes"] }, view),
    "",
    ...wrap(hint, columns).map(style.dim),
  ].join("\n");
}
