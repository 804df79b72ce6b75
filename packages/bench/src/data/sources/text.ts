import { LetheError, type Dataset } from "@lethe/core";
import { readFileChecked } from "@lethe/core/files";
import { createTokenizer, isTextDataset, readTextCsv, textDataset, type Tokenizer } from "@lethe/datasets";
import type { SourceKind } from "./source-kind.ts";
import { absoluteWords, notUnderstood, originOf, parseWords } from "./words.ts";

const grammar = {
  prefix: "text",
  usage: "text:FILE.csv[,label=COLUMN][,text=COLUMN+COLUMN][,id=COLUMN][,metadata=COLUMN+COLUMN][,header=none][,vocabulary=10000][,length=64]",
  keys: ["label", "text", "id", "metadata", "header", "vocabulary", "length"],
} as const;

const endings = /\.(csv|txt)(\.gz)?$/i;

/** A table of labelled texts, as ids of words. Training data number their words, the most frequent first; test data take that numbering. */
export const textSource: SourceKind = {
  ...grammar,
  absolute: (words, cwd) => absoluteWords(words, grammar, cwd),
  async open(words, part, like) {
    const { path, options } = parseWords(words, grammar);
    const { header, text, metadata, vocabulary, length, ...roles } = options;
    if (header !== undefined && header !== "none") throw notUnderstood(words, grammar.usage);
    const trained = like === undefined ? undefined : tokenizerOf(like, words);
    if (trained !== undefined && (vocabulary ?? length) !== undefined) {
      const sentence = `${words} are test data, whose words are numbered as those of the training data; leave out vocabulary and length.`;
      throw new LetheError("data/unknown-source", sentence, { source: words });
    }
    const sizes = { vocabularySize: sizeOf(vocabulary, 10_000, words), length: sizeOf(length, 64, words) };
    const samples = await readTextCsv({
      ...roles,
      file: await readFileChecked(path),
      source: path,
      name: originOf(part, path, endings),
      ...(header === undefined ? {} : { header }),
      ...(text === undefined ? {} : { text: text.split("+") }),
      ...(metadata === undefined ? {} : { metadata: metadata.split("+") }),
      ...(like?.classNames === undefined ? {} : { classNames: like.classNames }),
    });
    return { words, data: textDataset(samples, trained ?? createTokenizer({ texts: samples.texts, ...sizes })) };
  },
};

/** @throws LetheError `data/unknown-source` where the training data are no texts. */
function tokenizerOf(train: Dataset, words: string): Tokenizer {
  if (isTextDataset(train)) return train.tokenizer;
  const sentence = `${words} are texts, and the training data ${train.name} are not; give data of one kind.`;
  throw new LetheError("data/unknown-source", sentence, { source: words, train: train.name });
}

function sizeOf(given: string | undefined, usual: number, words: string): number {
  if (given === undefined) return usual;
  if (/^[1-9]\d*$/.test(given)) return Number(given);
  throw notUnderstood(words, grammar.usage);
}
