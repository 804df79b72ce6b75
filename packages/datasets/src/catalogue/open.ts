import { LetheError, type Dataset } from "@lethe/core";
import { join } from "node:path";
import { fashionInformation } from "../fashion-sample.ts";
import { cifarFileDataset } from "../files/cifar-file.ts";
import { idxFileDataset } from "../files/idx-file.ts";
import { readWhole } from "../files/read-whole.ts";
import { cifar100FineNames, cifar10Names } from "../readers/cifar-names.ts";
import { csvDataset } from "../readers/csv.ts";
import { svhnDataset } from "../readers/svhn.ts";
import { agNewsDataset } from "../text/ag-news.ts";
import { openAgNewsSmall } from "./ag-news-small.ts";
import { catalogue } from "./entries.ts";
import { cifar10Small, fixedSubset, location30Split, type FixedSubset } from "./subsets.ts";
import { presence } from "./verify.ts";

export type Part = "train" | "test";

/** A data set that can be opened by name once its files are there. */
export interface NamedData {
  readonly name: string;
  /** The entry of the catalogue whose files it is made of. */
  readonly entry: string;
  /** Train and test together, where it is a part of the entry's samples. */
  readonly samples?: number;
  /** @param folder that of the entry's files. */
  open(folder: string, part: Part): Promise<Dataset>;
}

const digitNames = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

function idxPart(origin: string, classNames: readonly string[]): NamedData["open"] {
  return (folder, part) => {
    const beginning = join(folder, part === "train" ? "train" : "t10k");
    return idxFileDataset({
      images: `${beginning}-images-idx3-ubyte`,
      labels: `${beginning}-labels-idx1-ubyte`,
      name: `${origin}-${part}`,
      classNames,
    });
  };
}

const openCifar10: NamedData["open"] = (folder, part) => {
  const names = part === "train" ? [1, 2, 3, 4, 5].map((batch) => `data_batch_${batch}.bin`) : ["test_batch.bin"];
  return cifarFileDataset({ files: names.map((name) => join(folder, name)), name: `cifar10-${part}`, classNames: cifar10Names });
};

const openCifar100: NamedData["open"] = (folder, part) =>
  cifarFileDataset({ files: [join(folder, `${part}.bin`)], name: `cifar100-${part}`, labelBytes: 2, classNames: cifar100FineNames });

const openSvhn: NamedData["open"] = async (folder, part) => {
  const source = join(folder, `${part}_32x32.mat`);
  return svhnDataset({ file: await readWhole(source), name: `svhn-${part}`, source });
};

const openLocation30: NamedData["open"] = async (folder, part) => {
  const source = join(folder, "bangkok");
  const all = await csvDataset({ file: await readWhole(source), header: "none", name: "location-30", source });
  return fixedSubset(all, location30Split[part]);
};

/** Words are numbered by the training part, whichever part is opened. */
const openAgNews: NamedData["open"] = async (folder, part) => {
  const file = async (name: Part) => ({ file: await readWhole(join(folder, `${name}.csv`)), source: join(folder, `${name}.csv`) });
  const { train, test } = await agNewsDataset({ train: await file("train"), ...(part === "test" ? { test: await file("test") } : {}) });
  return test ?? train;
};

/** A part of another data set. */
function choiceOf(open: NamedData["open"], subsets: Readonly<Record<Part, FixedSubset>>): NamedData["open"] {
  return async (folder, part) => fixedSubset(await open(folder, part), subsets[part]);
}

/** What `openData` can open. */
export const namedData: readonly NamedData[] = [
  { name: "mnist", entry: "mnist", open: idxPart("mnist", digitNames) },
  // Ids as in the embedded sample, which is a part of it.
  { name: "fashion-mnist", entry: "fashion-mnist", open: idxPart("fashion", fashionInformation.classNames) },
  { name: "cifar10", entry: "cifar10", open: openCifar10 },
  { name: "cifar10-small", entry: "cifar10", samples: 12_000, open: choiceOf(openCifar10, cifar10Small) },
  { name: "cifar100", entry: "cifar100", open: openCifar100 },
  { name: "svhn", entry: "svhn", open: openSvhn },
  { name: "location-30", entry: "location-30", open: openLocation30 },
  { name: "ag-news", entry: "ag-news", open: openAgNews },
  { name: "ag-news-small", entry: "ag-news-small", open: openAgNewsSmall },
];

/**
 * Opens a part of a data set of the catalogue, or of a fixed choice of its samples. Images are read by offsets when they are wanted; texts are ids of words, with the
 * vocabulary of their training part.
 *
 * @param folder of all data, as `dataFolder` gives it.
 * @throws LetheError `data/unknown-source`; `data/not-fetched` where the files are not there, and what reading them throws.
 */
export async function openData(name: string, part: Part, folder: string): Promise<Dataset> {
  const named = namedData.find((each) => each.name === name);
  const entry = catalogue.find((each) => each.name === named?.entry);
  if (named === undefined || entry === undefined) {
    const known = namedData.map((each) => each.name);
    throw new LetheError("data/unknown-source", `There is no data set ${name} in the catalogue; there are ${known.join(", ")}.`, { name, known });
  }
  const place = join(folder, entry.name);
  const state = await presence(entry, place);
  if (state === "here") return named.open(place, part);
  const fact = state === "absent" ? `${entry.name} is not in ${folder}` : `${entry.name} is incomplete in ${folder}`;
  const how = entry.origin.kind === "bring" ? `lethe data get ${entry.name} --from FOLDER` : `lethe data get ${entry.name}`;
  throw new LetheError("data/not-fetched", `${fact}; get it by: ${how}`, { name, folder, state });
}
