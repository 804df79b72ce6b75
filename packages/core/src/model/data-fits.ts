import { validateDataset, type Dataset } from "../data/index.ts";
import { LetheError, formatShape, sameShape } from "../errors/index.ts";
import type { Model } from "./model.ts";

/**
 * Refuses data that the model cannot take.
 *
 * @throws LetheError `problem/input-shape`, `problem/class-count`, and what `validateDataset` throws.
 */
export function expectDataFits(model: Model, data: Dataset): void {
  validateDataset(data);
  if (!sameShape(model.inputShape, data.inputShape)) {
    throw new LetheError(
      "problem/input-shape",
      `The samples of ${data.name} have shape ${formatShape(data.inputShape)}, but the model takes ${formatShape(model.inputShape)}.`,
      { data: data.inputShape, model: model.inputShape },
    );
  }
  if (data.classCount <= model.classCount) return;
  throw new LetheError("problem/class-count", `${data.name} has ${data.classCount} classes, but the model has only ${model.classCount} outputs.`, {
    data: data.classCount,
    model: model.classCount,
  });
}
