import { LetheError, type Dataset } from "@lethe/core";
import { altered } from "./altered.ts";
import { classOf, type ClassName } from "./class-of.ts";

/** Coarse classes by name, each with the classes that it is made of. Their order is that of the new labels. */
export type ClassGroups = Readonly<Record<string, readonly ClassName[]>>;

/** The column in which {@link mergeClasses} keeps what class a sample had. */
export const fineColumn = "class";

/**
 * Gives a data set coarser labels, so that a model of the coarse classes can be made to forget one fine class (sub-class forgetting). The class that a sample had
 * stays in the column `class`; inputs are not copied, ids stay.
 *
 * @param groups each class of the data in exactly one of them.
 * @throws LetheError `data/bad-classes` where a class is left out, stands in two groups, or a group is empty; `data/unknown-class`; `data/column-exists`.
 * @example
 * const shapes = arrayDataset({ inputs: new Float32Array(3), inputShape: [1], labels: [0, 2, 1], classNames: ["cat", "car", "dog"] });
 * const merged = mergeClasses(shapes, { animals: ["cat", "dog"], vehicles: ["car"] });
 * merged.classNames; // ["animals", "vehicles"]
 * [...merged.labels]; // [0, 0, 1]
 * merged.columns?.["class"]; // ["cat", "dog", "car"]
 */
export function mergeClasses(data: Dataset, groups: ClassGroups): Dataset {
  const groupOf = new Map<number, number>();
  const names = Object.keys(groups);
  names.forEach((name, group) => {
    if (groups[name].length === 0) throw bad(`the class ${name} is made of nothing`, { class: name });
    for (const given of groups[name]) {
      const fine = classOf(data, given);
      if (groupOf.has(fine)) throw bad(`${given} stands there twice`, { class: given });
      groupOf.set(fine, group);
    }
  });
  const { classNames = [], classCount } = data;
  const nameOf = (fine: number) => classNames[fine] ?? String(fine);
  const left = Array.from({ length: classCount }, (_, fine) => fine).filter((fine) => !groupOf.has(fine));
  if (left.length > 0) throw bad(`${left.map(nameOf).join(", ")} of ${data.name} stand in none`, { classes: left });
  return altered(data, {
    labels: data.labels.map((fine) => groupOf.get(fine)!),
    classNames: names,
    columns: { [fineColumn]: Array.from(data.labels, nameOf) },
  });
}

function bad(complaint: string, details: Readonly<Record<string, unknown>>): LetheError {
  return new LetheError("data/bad-classes", `The coarse classes do not fit the data: ${complaint}; put each class into exactly one.`, details);
}
