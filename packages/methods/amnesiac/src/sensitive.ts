import { LetheError, type Dataset } from "@lethe/core";
import type { SensitiveSelection } from "./options.ts";

/**
 * Positions, in the data, of the samples whose updates are to be kept; ascending.
 *
 * @throws LetheError `amnesiac/unknown-id`, `amnesiac/unknown-column`, `amnesiac/nothing-sensitive`.
 */
export function selectSensitive(data: Dataset, selection: SensitiveSelection): readonly number[] {
  const all = Array.from(data.ids.keys());
  if (selection === "all") return all;
  const positions = all.filter(chosenBy(data, selection));
  if (positions.length > 0) return positions;
  const sentence = `No sample of ${data.name} is sensitive by ${JSON.stringify(selection)}, so none could be forgotten; correct the option sensitive.`;
  throw new LetheError("amnesiac/nothing-sensitive", sentence, { sensitive: selection });
}

function chosenBy(data: Dataset, selection: Exclude<SensitiveSelection, "all">): (position: number) => boolean {
  if ("class" in selection) return (position) => data.labels[position] === selection.class;
  if ("column" in selection) {
    const values = columnOf(data, selection.column);
    return (position) => values[position] === selection.value;
  }
  const chosen = new Set(selection);
  const known = new Set(data.ids);
  const unknown = selection.find((id) => !known.has(id));
  if (unknown === undefined) return (position) => chosen.has(data.ids[position]);
  const sentence = `The option sensitive names ${unknown}, which ${data.name} does not have.`;
  throw new LetheError("amnesiac/unknown-id", sentence, { id: unknown });
}

function columnOf({ name, columns = {} }: Dataset, column: string): readonly (string | number | null)[] {
  if (Object.hasOwn(columns, column)) return columns[column];
  const known = Object.keys(columns);
  const sentence = `${name} has no column ${column}; ${known.length === 0 ? "it has none" : `it has ${known.join(", ")}`}.`;
  throw new LetheError("amnesiac/unknown-column", sentence, { column, known });
}
