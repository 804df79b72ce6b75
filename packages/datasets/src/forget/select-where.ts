import { LetheError, type Dataset } from "@lethe/core";
import { fineColumn } from "../views/merge-classes.ts";
import { columnOf, conditionsInWords, examplesOf, matching, parseConditions, type Condition } from "./conditions.ts";
import { asManyOthers, expectSome, type Selection, type Sibling } from "./selection.ts";

/** Columns in which data sets keep a finer class than the one that is learnt, by precedence. */
const fineColumns = [fineColumn, "fine", "subclass"] as const;

export function selectWhere(text: string, data: Dataset): Selection {
  return byConditions(parseConditions(text), data, undefined);
}

/** `COLUMN:VALUE`, all samples of one group: a person, a hospital, a source. */
export function selectGroup(text: string, data: Dataset): Selection {
  const at = text.indexOf(":");
  if (at <= 0 || at === text.length - 1) {
    throw new LetheError("forget/bad-condition", `group=${text} names no group; write group=COLUMN:VALUE.`, { given: text });
  }
  return byValue(text.slice(0, at), text.slice(at + 1), data, undefined);
}

/** One of the fine classes that a coarse one is made of. */
export function selectSubclass(name: string, data: Dataset): Selection {
  const column = fineColumns.find((each) => Object.hasOwn(data.columns ?? {}, each));
  if (column === undefined) {
    const sentence = `${data.name} does not say which fine class a sample has; it needs coarse classes, or a column ${fineColumns.join(", ")}.`;
    throw new LetheError("forget/unknown-column", sentence, { columns: Object.keys(data.columns ?? {}) });
  }
  const exact = columnOf(data, column).find((cell) => String(cell).toLowerCase() === name.toLowerCase());
  return byValue(column, String(exact ?? name), data, (value) => `samples of the sub-class ${value}`);
}

type Naming = ((value: string) => string) | undefined;

function byValue(column: string, value: string, data: Dataset, naming: Naming): Selection {
  const selection = byConditions([{ column, operator: "=", value }], data, naming?.(value));
  return { ...selection, sibling: () => anotherValue(column, value, data, naming, selection.positions) };
}

function byConditions(conditions: readonly Condition[], data: Dataset, named: string | undefined): Selection {
  const words = conditionsInWords(conditions);
  const [only, ...more] = conditions;
  const hint = more.length === 0 ? `; its values are ${examplesOf(columnOf(data, only.column))}` : "";
  const positions = expectSome(matching(data, conditions), `sample where ${words}`, data, hint);
  return {
    kind: { where: words },
    positions,
    forgottenClass: null,
    words: named ?? `samples where ${words}`,
    counted: "yes",
    sibling: () => asManyOthers(data, positions),
  };
}

/** The next value of the column by size or alphabet, the first after the last: another person is forgotten in the place of this one. */
function anotherValue(column: string, value: string, data: Dataset, naming: Naming, positions: Uint32Array): Sibling {
  const values = [...new Set(columnOf(data, column).filter((cell) => cell !== null))].toSorted((a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a) < String(b) ? -1 : 1,
  );
  const own = values.findIndex((cell) => (typeof cell === "number" ? cell === Number(value) : cell === value));
  const next = values[(own + 1) % values.length];
  return values.length < 2 ? asManyOthers(data, positions) : { selection: byValue(column, String(next), data, naming) };
}
