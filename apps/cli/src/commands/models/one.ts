import type { Recipe } from "@lethe/core";
import { weightNames, type ModelBuilder } from "@lethe/models";
import type { Report } from "../../command-line/command.ts";
import { facts } from "../../terminal/facts.ts";
import { plural } from "../../terminal/format.ts";
import type { View } from "../../terminal/view.ts";
import { inputsInWords } from "./inputs.ts";

/** One architecture: what it takes, how it is usually trained, whose weights fit it. */
export function modelReport({ id, title, takes }: Pick<ModelBuilder, "id" | "title" | "takes">, recipe: Recipe): Report {
  const files = weightNames(id);
  return {
    data: { id, title, takes, recipe, weights: files },
    text: ({ style, columns, lethe }: View) =>
      [
        `${style.bold(id)}  ${title}`,
        "",
        ...facts(
          [
            ["takes", inputsInWords[takes]],
            ["training", `${plural(recipe.epochs, "epoch")}, ${plural(recipe.batchSize, "sample")} a step`],
            ["", inWords(recipe.optimiser)],
            ["", `schedule ${inWords(recipe.schedule)}`],
            ["", recipe.augmentation === undefined ? "no augmentation" : `augmentation: ${fieldsInWords(recipe.augmentation)}`],
            ["weights", files.length === 0 ? "no names in other libraries" : `with the names of ${files.join(", ")}, by ${lethe} weights`],
            ["use", `${lethe} train --data NAME --model ${id}; --recipe FILE changes the training`],
          ],
          style,
          columns,
        ),
      ].join("\n"),
  };
}

/** `"sgd: momentum 0.9, weightDecay 0.0005"`, by the names that a recipe file gives them. */
function inWords({ kind, ...fields }: Recipe["optimiser"] | Recipe["schedule"]): string {
  const rest = fieldsInWords(fields);
  return rest === "" ? kind : `${kind}: ${rest}`;
}

function fieldsInWords(fields: object): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(", ");
}
