import type { Dataset } from "@lethe/core";
import { readFileChecked } from "@lethe/core/files";
import { csvDataset, jsonLinesDataset, parquetDataset } from "@lethe/datasets";
import type { SourceKind } from "./source-kind.ts";
import { absoluteWords, notUnderstood, originOf, parseShape, parseWords } from "./words.ts";

/** What all readers of tables are told. */
interface TableInput {
  readonly file: Uint8Array;
  readonly source: string;
  readonly name: string;
  readonly classNames?: readonly string[];
  readonly inputShape?: readonly number[];
}

interface TableFormat<Key extends string> {
  readonly prefix: string;
  readonly usage: string;
  /** Options besides `shape`, which all tables have. */
  readonly keys: readonly Key[];
  /** What an id leaves out of the name of the file. */
  readonly endings: RegExp;
  read(input: TableInput, options: Readonly<Partial<Record<Key, string>>>, words: string): Promise<Dataset>;
}

/** A file with a sample per row. Test samples take the classes of the training samples, of which they may lack some. */
function tableSource<Key extends string>({ prefix, usage, keys, endings, read }: TableFormat<Key>): SourceKind {
  const grammar = { prefix, usage, keys: [...keys, "shape"] };
  return {
    prefix,
    usage,
    absolute: (words, cwd) => absoluteWords(words, grammar, cwd),
    async open(words, part, like) {
      const { path, options } = parseWords(words, grammar);
      const { shape, ...own } = options;
      const input: TableInput = {
        file: await readFileChecked(path),
        source: path,
        name: originOf(part, path, endings),
        ...(like?.classNames === undefined ? {} : { classNames: like.classNames }),
        ...(shape === undefined ? {} : { inputShape: parseShape(shape, words, usage) }),
      };
      return { words, data: await read(input, own as Partial<Record<Key, string>>, words) };
    },
  };
}

const csvUsage = "csv:FILE[,label=COLUMN][,id=COLUMN][,metadata=COLUMN+COLUMN][,header=none][,shape=28x28x1]";

/** `town+year` as a list. */
const listed = (columns: string | undefined) => (columns === undefined ? {} : { metadata: columns.split("+") });

export const csvSource = tableSource({
  prefix: "csv",
  usage: csvUsage,
  keys: ["label", "id", "metadata", "header"],
  endings: /\.(csv|tsv|txt)(\.gz)?$/i,
  read(input, { header, metadata, ...roles }, words) {
    const told = { ...input, ...roles, ...listed(metadata) };
    if (header === undefined) return csvDataset(told);
    if (header === "none") return csvDataset({ ...told, header });
    throw notUnderstood(words, csvUsage);
  },
});

export const jsonLinesSource = tableSource({
  prefix: "jsonl",
  usage: "jsonl:FILE[,features=FIELD][,label=FIELD][,id=FIELD][,shape=28x28x1]",
  keys: ["features", "label", "id"],
  endings: /\.(jsonl|ndjson|json)(\.gz)?$/i,
  read: (input, options) => jsonLinesDataset({ ...input, ...options }),
});

export const parquetSource = tableSource({
  prefix: "parquet",
  usage: "parquet:FILE[,label=COLUMN][,id=COLUMN][,metadata=COLUMN+COLUMN][,shape=28x28x1]",
  keys: ["label", "id", "metadata"],
  endings: /\.(parquet|pq)$/i,
  read: (input, { metadata, ...roles }) => parquetDataset({ ...input, ...roles, ...listed(metadata) }),
});
