import { LetheError } from "@lethe/core";

/** A column by its name in the header, or by its position from 0. */
export type ColumnChoice = string | number;

/** What the columns of a table are. */
export interface ColumnRoles {
  /** The column of labels. Default `"label"`. */
  readonly label?: ColumnChoice;
  /** The column of sample ids. Default: none; ids are then made of the name and the position. */
  readonly id?: ColumnChoice;
  /** The columns of features. Default: all that are neither label nor id nor metadata. */
  readonly features?: readonly ColumnChoice[];
  /** The columns that become columns of the data set, as they are. Default: none. */
  readonly metadata?: readonly ColumnChoice[];
}

/** The same as positions. */
export interface ColumnPositions {
  readonly label: number;
  readonly id: number | undefined;
  readonly features: readonly number[];
  readonly metadata: readonly number[];
}

/**
 * Finds the chosen columns among `names` (their positions as text where there is no header).
 *
 * @throws LetheError `data/unknown-column`, `data/duplicate-column` (a name that occurs twice), `data/no-features`.
 */
export function findColumns(roles: ColumnRoles, names: readonly string[], source: string): ColumnPositions {
  const twice = names.find((name, position) => names.indexOf(name) !== position);
  if (twice !== undefined) {
    throw new LetheError("data/duplicate-column", `${source} has two columns named ${JSON.stringify(twice)}; rename one.`, { source, column: twice });
  }
  const find = (choice: ColumnChoice): number => {
    const position = typeof choice === "number" ? choice : names.indexOf(choice);
    if (Number.isInteger(position) && position >= 0 && position < names.length) return position;
    const known = `${names.slice(0, 20).join(", ")}${names.length > 20 ? ", ..." : ""}`;
    throw new LetheError("data/unknown-column", `${source} has no column ${choice}; it has ${names.length}: ${known}.`, { source, column: choice });
  };
  const label = find(roles.label ?? "label");
  const id = roles.id === undefined ? undefined : find(roles.id);
  const metadata = (roles.metadata ?? []).map(find);
  const taken = new Set([label, id, ...metadata]);
  const features = roles.features?.map(find) ?? [...names.keys()].filter((position) => !taken.has(position));
  if (features.length > 0) return { label, id, features, metadata };
  throw new LetheError("data/no-features", `No column of ${source} is left for features.`, { source, columns: names.length });
}
