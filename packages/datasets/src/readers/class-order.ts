import { LetheError } from "@lethe/core";
import { numberOf } from "./number-cell.ts";

/** Names of classes in the order of their numbers, and the number of each sample's class. */
export interface Classes {
  readonly classNames: readonly string[];
  readonly labels: Int32Array;
}

/**
 * Numbers the classes: in the order of `given` names, or else in increasing order, by value where every label is a number and by code units
 * otherwise (the same on every machine, whatever its language).
 *
 * @throws LetheError `data/unknown-label` for a label that is not among the given names.
 */
export function numberClasses(names: readonly string[], given: readonly string[] | undefined, place: (position: number) => string): Classes {
  const classNames = given ?? inOrder(new Set(names));
  const numbers = new Map(classNames.map((name, number) => [name, number]));
  const labels = Int32Array.from(names, (name, position) => {
    const number = numbers.get(name);
    if (number !== undefined) return number;
    const sentence = `The label ${JSON.stringify(name)} in ${place(position)} is none of the class names given.`;
    throw new LetheError("data/unknown-label", sentence, { label: name, classNames });
  });
  return { classNames, labels };
}

function inOrder(names: ReadonlySet<string>): string[] {
  const numeric = [...names].every((name) => numberOf(name) !== undefined);
  return [...names].toSorted((a, b) => (numeric ? Number(a) - Number(b) : 0) || (a < b ? -1 : 1));
}
