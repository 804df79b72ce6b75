import { LetheError, arrayDataset, elementCount, type Columns, type Dataset } from "@lethe/core";
import { sampleId } from "../sample-id.ts";
import { numberClasses } from "./class-order.ts";
import type { ContentOptions } from "./content.ts";

/** What the readers of tables (CSV, JSON lines, Parquet) have in common. */
export interface TableOptions extends ContentOptions {
  /** Names the data set and, with the position in the file, its samples where there is no column of ids. */
  readonly name?: string;
  /** The classes in the order of their numbers. Default: the labels that occur, in increasing order, by value if all are numbers. */
  readonly classNames?: readonly string[];
  /** Shape of one input, with as many values as there are features. Default `[features]`. */
  readonly inputShape?: readonly number[];
}

export interface TableRow {
  /** `"line 7 of people.csv"`, for errors. */
  readonly place: string;
  readonly label: string;
  readonly id?: string;
  readonly features: ArrayLike<number>;
  readonly metadata: Readonly<Record<string, string | number | null>>;
}

/** Metadata is kept as whole columns, so that many lines with many different fields would fill the memory. */
const mostColumns = 1000;

/** Collects the rows of a table and makes a data set of them. */
export class TableBuilder {
  readonly #options: TableOptions & { readonly name: string; readonly source: string };
  readonly #places: string[] = [];
  readonly #labels: string[] = [];
  readonly #ids: string[] = [];
  readonly #idPlaces = new Map<string, string>();
  readonly #features: Float32Array[] = [];
  readonly #metadata = new Map<string, (string | number | null)[]>();

  constructor(options: TableOptions & { readonly name: string; readonly source: string }) {
    this.#options = options;
  }

  /** @throws LetheError `data/ragged-row`, `data/not-a-number`, `data/bad-labels`, `data/duplicate-id`, `data/too-many-columns`; each names the place. */
  add(row: TableRow): void {
    const { place, label, features, metadata } = row;
    const position = this.#labels.length;
    const width = this.#features[0]?.length ?? features.length;
    if (features.length !== width || width === 0) {
      throw new LetheError("data/ragged-row", `${place} has ${features.length} features; every row needs the same number, 1 or more.`, {
        place,
        expected: width,
        found: features.length,
      });
    }
    const values = Float32Array.from(features);
    const odd = values.findIndex((value) => !Number.isFinite(value));
    if (odd >= 0) {
      throw new LetheError("data/not-a-number", `Feature ${odd} in ${place} is ${features[odd]}, which is no number that float32 can hold.`, {
        place,
        feature: odd,
        value: features[odd],
      });
    }
    if (label === "") throw new LetheError("data/bad-labels", `The label in ${place} is empty; fill it in or remove the row.`, { place });
    const id = row.id ?? sampleId(this.#options.name, position);
    this.#expectNewId(id, place);
    this.#places.push(place);
    this.#labels.push(label);
    this.#ids.push(id);
    this.#features.push(values);
    this.#addMetadata(metadata, position, place);
  }

  /** @throws LetheError `data/empty`, `data/unknown-label`, `data/shape-mismatch`. */
  finish(): Dataset {
    const { name, source, classNames, inputShape } = this.#options;
    const size = this.#labels.length;
    if (size === 0) throw new LetheError("data/empty", `${source} holds no samples.`, { source });
    const width = this.#features[0].length;
    if (inputShape !== undefined && elementCount(inputShape) !== width) {
      throw new LetheError("data/shape-mismatch", `${source} has ${width} features, which do not fill the shape [${inputShape.join(", ")}].`, {
        source,
        expected: inputShape,
        found: width,
      });
    }
    const classes = numberClasses(this.#labels, classNames, (position) => this.#places[position]);
    const inputs = new Float32Array(size * width);
    this.#features.forEach((values, position) => inputs.set(values, position * width));
    const columns = this.#columns(size);
    return arrayDataset({
      name,
      inputs,
      inputShape: inputShape ?? [width],
      labels: classes.labels,
      classCount: classes.classNames.length,
      classNames: classes.classNames,
      ids: this.#ids,
      ...(columns ? { columns } : {}),
    });
  }

  #expectNewId(id: string, place: string): void {
    const first = this.#idPlaces.get(id);
    if (first === undefined) {
      this.#idPlaces.set(id, place);
      return;
    }
    throw new LetheError("data/duplicate-id", `${place} has the id ${id}, which ${first} has already.`, { id, places: [first, place] });
  }

  #addMetadata(metadata: TableRow["metadata"], position: number, place: string): void {
    for (const [name, value] of Object.entries(metadata)) {
      const column = this.#metadata.get(name) ?? [];
      while (column.length < position) column.push(null);
      column.push(value);
      this.#metadata.set(name, column);
    }
    if (this.#metadata.size <= mostColumns) return;
    const sentence = `Up to ${place} there are more than ${mostColumns} different metadata fields; say which fields are features.`;
    throw new LetheError("data/too-many-columns", sentence, { place, most: mostColumns });
  }

  /** A row without a field has null there. */
  #columns(size: number): Columns | undefined {
    if (this.#metadata.size === 0) return undefined;
    for (const column of this.#metadata.values()) while (column.length < size) column.push(null);
    return Object.fromEntries(this.#metadata);
  }
}
