import { LetheError, type Dataset } from "@lethe/core";

/** A class as people name it: its number, or its name whatever the case. */
export type ClassName = number | string;

type Classes = Pick<Dataset, "name" | "classCount" | "classNames">;

/**
 * The number of a class. A name made of digits is a number.
 *
 * @throws LetheError `data/unknown-class` with the classes that there are; another code where one is given.
 * @example
 * classOf({ name: "clothes", classCount: 2, classNames: ["Shirt", "Bag"] }, "bag"); // 1
 */
export function classOf(data: Classes, given: ClassName, code = "data/unknown-class"): number {
  const { classCount, classNames = [] } = data;
  const asNumber = typeof given === "number" ? given : /^\d+$/.test(given) ? Number(given) : -1;
  if (Number.isInteger(asNumber) && asNumber >= 0 && asNumber < classCount) return asNumber;
  const found = classNames.findIndex((name) => name.toLowerCase() === String(given).toLowerCase());
  if (found >= 0) return found;
  const named = classNames.some((name, label) => name !== String(label));
  const known = named ? classNames.map((name, label) => `${label} ${name}`).join(", ") : `0 to ${classCount - 1}`;
  throw new LetheError(code, `${data.name} has no class ${given}; its classes are ${known}.`, { class: given, classNames, classCount });
}

/** `3 (Dress)`, or `3` where the class has no name but its number. */
export function classInWords({ classNames = [] }: Pick<Dataset, "classNames">, label: number): string {
  return classNames[label] === undefined || classNames[label] === String(label) ? String(label) : `${label} (${classNames[label]})`;
}
