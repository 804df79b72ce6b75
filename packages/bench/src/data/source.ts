import { LetheError, sameShape, subset, type Dataset } from "@lethe/core";
import { isTextDataset } from "@lethe/datasets";
import { kindOf, kindsInShort } from "./sources/kinds.ts";
import { openNamed } from "./sources/named.ts";
import type { OpenedSource, Part } from "./sources/source-kind.ts";
import { treated, treatmentOf, type Treated, type Treatment } from "./treated.ts";

/** Where samples come from, as it is written on the command line and in `lethe.json`; paths are absolute. */
export interface DataSource extends Treatment {
  /** A name, as `digits` or `cifar10`, or files, as `idx:IMAGES,LABELS` or `images:FOLDER`. */
  readonly train: string;
  /** Default: the test part that the training data have of their own; files mostly have none. */
  readonly test?: string;
}

export interface LoadedData extends Treated {
  /** The words that were given, with what was decided in opening the files, so that they mean the same again. */
  readonly source: DataSource;
}

/** Puts the user's words into a form that means the same from every folder. */
export function dataSource(train: string, test: string | undefined, cwd: string): DataSource {
  return { train: absolute(train, cwd), ...(test === undefined ? {} : { test: absolute(test, cwd) }) };
}

/** What can be written for `--data`: a phrase for help texts. */
export const sourceHelp = `a name from lethe data list (digits, mnist, cifar10 ...), or files: ${kindsInShort().join(", ")}`;

/**
 * @throws LetheError `data/unknown-source`, `data/not-fetched`, `data/class-count`, `data/shape-mismatch`, `data/other-words`, `data/bad-classes`,
 * `data/bad-validation`, `poison/...`, and what reading the files throws.
 */
export async function loadData(source: DataSource): Promise<LoadedData> {
  const train = await open(source.train, "train", undefined);
  const test = source.test === undefined ? await ownTest(source.train, train.data) : await open(source.test, "test", train.data);
  const words = { train: train.words, ...(source.test === undefined || test === undefined ? {} : { test: test.words }) };
  const loaded = treated(train.data, expectFits(train.data, test?.data), source);
  // A recipe with its counts and classes spelled out means the same.
  return { source: { ...words, ...treatmentOf({ ...source, poison: loaded.poisoned?.recipe }) }, ...loaded };
}

async function open(words: string, part: Part, like: Dataset | undefined): Promise<OpenedSource> {
  const kind = kindOf(words);
  return kind === undefined ? { words, data: await openNamed(words, part, kindsInShort()) } : kind.open(words, part, like);
}

async function ownTest(words: string, train: Dataset): Promise<OpenedSource | undefined> {
  const kind = kindOf(words);
  if (kind !== undefined && !(await kind.hasTest?.(words))) return undefined;
  return open(words, "test", train);
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
  if (!haveSameWords(train, test)) {
    const sentence = `The ids of words in ${test.name} do not mean the words of ${train.name}; give the test texts as text:FILE.csv.`;
    throw new LetheError("data/other-words", sentence, { train: train.name, test: test.name });
  }
  if (test.classCount > train.classCount) {
    const counts = { train: train.classCount, test: test.classCount };
    throw new LetheError("data/class-count", `The test data has ${counts.test} classes, the training data only ${counts.train}.`, counts);
  }
  // A small test file may lack the last classes; the model still has them.
  return { ...test, classCount: train.classCount };
}

/** Numbers have no words, and so the same. */
function haveSameWords(train: Dataset, test: Dataset): boolean {
  if (!isTextDataset(train) || !isTextDataset(test)) return train.vocabulary === test.vocabulary;
  const [{ words }, { words: others }] = [train.tokenizer, test.tokenizer];
  return words === others || (words.length === others.length && words.every((word, position) => word === others[position]));
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
  return kindOf(source)?.absolute(source, cwd) ?? source;
}
