import { basename, resolve } from "node:path";
import { LetheError, sameShape, subset, type Dataset } from "@lethe/core";
import { readFileChecked } from "@lethe/core/files";
import { idxDataset, listDatasets } from "@lethe/datasets";

/** Where samples come from, as it is written on the command line and in `lethe.json`; paths are absolute. */
export interface DataSource {
  /** Id of an embedded data set, or `idx:IMAGES,LABELS`. */
  readonly train: string;
  /** Default: the test part of an embedded data set; none for files. */
  readonly test?: string;
}

export interface LoadedData {
  readonly source: DataSource;
  readonly train: Dataset;
  readonly test: Dataset | undefined;
}

/** Puts the user's words into a form that means the same from every folder. */
export function dataSource(train: string, test: string | undefined, cwd: string): DataSource {
  return { train: absolute(train, cwd), ...(test === undefined ? {} : { test: absolute(test, cwd) }) };
}

/**
 * @throws LetheError `data/unknown-source`, `data/class-count`, `data/shape-mismatch`, and what reading the files throws.
 */
export async function loadData(source: DataSource): Promise<LoadedData> {
  const train = await loadPart(source.train, "train");
  const test = source.test === undefined ? embeddedTest(source.train) : loadPart(source.test, "test");
  return { source, train, test: expectFits(train, await test) };
}

async function embeddedTest(source: string): Promise<Dataset | undefined> {
  return isIdx(source) ? undefined : loadPart(source, "test");
}

async function loadPart(source: string, part: "train" | "test"): Promise<Dataset> {
  if (isIdx(source)) return loadIdx(source, part);
  const entries = listDatasets();
  const entry = entries.find(({ id }) => id === source);
  if (entry === undefined) {
    const ids = entries.map(({ id }) => id).join(", ");
    throw new LetheError("data/unknown-source", `There is no data set ${source}; there are ${ids}, and files as idx:IMAGES,LABELS.`, {
      source,
      known: ids,
    });
  }
  return (await entry.load())[part];
}

async function loadIdx(source: string, part: "train" | "test"): Promise<Dataset> {
  const [images, labels] = idxPaths(source);
  return idxDataset({
    images: await readFileChecked(images),
    labels: await readFileChecked(labels),
    // Ids must not change when the files move to another folder.
    name: `${part}-${basename(images).replace(/(\.idx\d?|[.-]idx\d-ubyte|-ubyte)?(\.gz)?$/, "")}`,
    sources: { images, labels },
  });
}

function expectFits(train: Dataset, test: Dataset | undefined): Dataset | undefined {
  if (test === undefined) return undefined;
  if (!sameShape(train.inputShape, test.inputShape)) {
    const shapes = `[${test.inputShape.join(", ")}] and [${train.inputShape.join(", ")}]`;
    throw new LetheError("data/shape-mismatch", `Test and training samples have different shapes, ${shapes}; give data of one kind.`, {
      train: train.inputShape,
      test: test.inputShape,
    });
  }
  if (test.classCount > train.classCount) {
    const counts = { train: train.classCount, test: test.classCount };
    throw new LetheError("data/class-count", `The test data has ${counts.test} classes, the training data only ${counts.train}.`, counts);
  }
  // A small test file may lack the last classes; the model still has them.
  return { ...test, classCount: train.classCount };
}

/** The samples that have not been forgotten. */
export function withoutIds(data: Dataset, forgotten: readonly string[]): Dataset {
  if (forgotten.length === 0) return data;
  const gone = new Set(forgotten);
  return subset(
    data,
    Uint32Array.from(data.ids.keys()).filter((position) => !gone.has(data.ids[position])),
  );
}

/** The samples with these ids, in the order of the data. */
export function onlyIds(data: Dataset, ids: readonly string[], name: string): Dataset {
  const wanted = new Set(ids);
  return subset(
    data,
    Uint32Array.from(data.ids.keys()).filter((position) => wanted.has(data.ids[position])),
    name,
  );
}

function absolute(source: string, cwd: string): string {
  return isIdx(source)
    ? `idx:${idxPaths(source)
        .map((path) => resolve(cwd, path))
        .join(",")}`
    : source;
}

function isIdx(source: string): boolean {
  return source.startsWith("idx:");
}

function idxPaths(source: string): [images: string, labels: string] {
  const [images, labels, ...more] = source.slice("idx:".length).split(",");
  if (images === "" || labels === undefined || labels === "" || more.length > 0) {
    throw new LetheError("data/unknown-source", `${source} does not name two files; write idx:IMAGES,LABELS.`, { source });
  }
  return [images, labels];
}
