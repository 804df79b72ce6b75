import { LetheError, elementCount, hashDataset, type Columns, type Dataset, type HostTensor } from "@lethe/core";

/** What is different in a view of a data set. */
export interface Alteration {
  readonly labels?: Int32Array;
  readonly classNames?: readonly string[];
  /** Beside those that are there. */
  readonly columns?: Columns;
  readonly inputs?: {
    isChanged(position: number): boolean;
    /** Changes one input in place; it is a copy. */
    change(input: HostTensor["values"]): void;
  };
}

/**
 * The data set with other labels, more columns, or some inputs changed whenever they are read. Inputs are not copied, ids stay.
 *
 * @throws LetheError `data/column-exists`.
 */
export function altered(data: Dataset, { labels = data.labels, classNames, columns = {}, inputs }: Alteration): Dataset {
  expectNewColumns(data, columns);
  const allColumns = { ...data.columns, ...columns };
  const stride = elementCount(data.inputShape);
  const content: Omit<Dataset, "hash"> = {
    name: data.name,
    size: data.size,
    classCount: classNames?.length ?? data.classCount,
    ...((classNames ?? data.classNames) ? { classNames: classNames ?? data.classNames! } : {}),
    ...(data.vocabulary === undefined ? {} : { vocabulary: data.vocabulary }),
    inputShape: data.inputShape,
    ids: data.ids,
    labels,
    ...(Object.keys(allColumns).length > 0 ? { columns: allColumns } : {}),
    async read(indices) {
      const read = await data.read(indices);
      const own = { labels: Int32Array.from(indices, (position) => labels[position]) };
      const places = inputs === undefined ? [] : [...Array(indices.length).keys()].filter((row) => inputs.isChanged(indices[row]));
      if (places.length === 0) return { ...own, inputs: read.inputs };
      // What was read may be the data set's own memory.
      const values = read.inputs.values.slice();
      for (const row of places) inputs!.change(values.subarray(row * stride, (row + 1) * stride));
      return { ...own, inputs: { shape: read.inputs.shape, values } };
    },
  };
  let hash: Promise<string> | undefined;
  return { ...content, hash: () => (hash ??= hashDataset(content)) };
}

function expectNewColumns({ name, columns = {} }: Dataset, added: Columns): void {
  const taken = Object.keys(added).find((column) => Object.hasOwn(columns, column));
  if (taken === undefined) return;
  throw new LetheError("data/column-exists", `${name} has a column ${taken} already, where another one would be kept; rename it in the data.`, {
    column: taken,
  });
}
