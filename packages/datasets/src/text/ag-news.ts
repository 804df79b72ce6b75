import { LetheError } from "@lethe/core";
import { textOf, type ContentOptions } from "../readers/content.ts";
import { forEachCsvRow } from "../readers/csv-rows.ts";
import { textDataset, type TextDataset, type TextSamples } from "./text-dataset.ts";
import { createTokenizer, type Tokenizer } from "./tokenizer.ts";

const classNames: readonly string[] = ["World", "Sports", "Business", "Sci/Tech"];

export interface AgNewsFile extends ContentOptions {
  /** Content of `train.csv` or `test.csv`, plain or gzipped. */
  readonly file: Uint8Array;
  /** Names the data set and, with the position in the file, its samples: `ag-news-test-000123`. */
  readonly name?: string;
}

/**
 * AG-News as texts (title and description in one, with a space between): CSV without a header, class 1 to 4, title, description. Classes become
 * 0 to 3. For a split of one's own, make the tokenizer of the training texts with `createTokenizer` and the data set with `textDataset`.
 *
 * @throws LetheError `data/bad-csv`, `data/ragged-row`, `data/label-out-of-range` (all name the line), `data/empty`, `data/bad-text`,
 * `data/bad-gzip`, `data/too-large`.
 * @example
 * const file = new TextEncoder().encode('"3","Fears for pension","Unions are ""disappointed""."\n');
 * const { texts, labels } = await readAgNews({ file });
 * texts; // ['Fears for pension Unions are "disappointed".']
 * labels; // [2]
 */
export async function readAgNews({ file, name = "ag-news", source = "the AG-News file", mostBytes }: AgNewsFile): Promise<TextSamples> {
  const texts: string[] = [];
  const labels: number[] = [];
  await forEachCsvRow(await textOf(file, source, mostBytes), ",", source, (cells, line) => {
    if (cells.length !== 3) {
      throw new LetheError("data/ragged-row", `Line ${line} of ${source} has ${cells.length} cells; AG-News has class, title and description.`, {
        source,
        line,
        found: cells.length,
      });
    }
    const [label, title, description] = cells;
    labels.push(classOf(label, line, source));
    texts.push(`${title} ${description}`);
  });
  if (texts.length === 0) throw new LetheError("data/empty", `${source} holds no samples.`, { source });
  return { name, texts, labels, classNames };
}

function classOf(label: string, line: number, source: string): number {
  if (/^[1-4]$/.test(label)) return Number(label) - 1;
  throw new LetheError("data/label-out-of-range", `The class in line ${line} of ${source} is ${JSON.stringify(label)}; AG-News has 1 to 4.`, {
    source,
    line,
    label,
  });
}

export interface AgNewsInput {
  readonly train: AgNewsFile;
  readonly test?: AgNewsFile;
  /** Number of ids, see {@link createTokenizer}. Default 20,000. */
  readonly vocabularySize?: number;
  /** Ids per text. Default 64; 19 in 20 articles are shorter. */
  readonly length?: number;
}

export interface AgNews {
  readonly train: TextDataset;
  readonly test: TextDataset | undefined;
  /** Made of the training texts alone. */
  readonly tokenizer: Tokenizer;
}

/**
 * AG-News for networks that begin with an embedding layer: inputs `[n, length] int32`, 4 classes, with a vocabulary of the training part.
 *
 * @throws LetheError those of {@link readAgNews} and {@link createTokenizer}.
 * @example
 * const { train, tokenizer } = await agNewsDataset({ train: { file: await readFile("train.csv") }, length: 8 });
 * train.classNames; // ["World", "Sports", "Business", "Sci/Tech"]
 * train.inputShape; // [8]
 * tokenizer.words[0]; // "the"
 */
export async function agNewsDataset({ train, test, vocabularySize = 20_000, length = 64 }: AgNewsInput): Promise<AgNews> {
  const samples = await readAgNews({ name: "ag-news-train", source: "the training part of AG-News", ...train });
  const tokenizer = createTokenizer({ texts: samples.texts, vocabularySize, length });
  const others = test && (await readAgNews({ name: "ag-news-test", source: "the test part of AG-News", ...test }));
  return { train: textDataset(samples, tokenizer), test: others && textDataset(others, tokenizer), tokenizer };
}
