import { expectPositions } from "./validate.ts";
import { hashDataset, type Columns, type Dataset } from "./dataset.ts";

/**
 * The samples of `dataset` at `indices`, in that order, as a data set of their own. Nothing is copied.
 *
 * @throws LetheError `data/no-such-sample`.
 */
export function subset(dataset: Dataset, indices: ArrayLike<number>, name = dataset.name): Dataset {
  expectPositions(indices, dataset.size, dataset.name);
  const positions = Uint32Array.from(indices);
  const content: Omit<Dataset, "hash"> = {
    name,
    size: positions.length,
    classCount: dataset.classCount,
    ...(dataset.classNames ? { classNames: dataset.classNames } : {}),
    ...(dataset.vocabulary === undefined ? {} : { vocabulary: dataset.vocabulary }),
    inputShape: dataset.inputShape,
    ids: Array.from(positions, (position) => dataset.ids[position]),
    labels: Int32Array.from(positions, (position) => dataset.labels[position]),
    ...(dataset.columns ? { columns: columnsAt(dataset.columns, positions) } : {}),
    read: (selected) => dataset.read(Array.from({ length: selected.length }, (_, i) => positions[selected[i]])),
  };
  let hash: Promise<string> | undefined;
  return { ...content, hash: () => (hash ??= hashDataset(content)) };
}

function columnsAt(columns: Columns, positions: Uint32Array): Columns {
  return Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, Array.from(positions, (position) => values[position])]));
}
