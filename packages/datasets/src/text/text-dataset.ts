import { LetheError, computedDataset, validateDataset, type Columns, type Dataset } from "@lethe/core";
import { sampleId } from "../sample-id.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** Labelled texts before they are tokenized. */
export interface TextSamples {
  readonly name: string;
  readonly texts: readonly string[];
  readonly labels: ArrayLike<number>;
  readonly classNames: readonly string[];
  /** Default: the name and the position. */
  readonly ids?: readonly string[];
  readonly columns?: Columns;
}

/** Texts as ids of words. */
export interface TextDataset extends Dataset {
  /** `tokenizer.vocabularySize`. */
  readonly vocabulary: number;
  /** For other texts, so that the same word has the same id. */
  readonly tokenizer: Tokenizer;
}

/**
 * Whether a data set is one of {@link textDataset}, as it was made: a part of it has a vocabulary, but no tokenizer.
 */
export function isTextDataset(data: Dataset): data is TextDataset {
  return data.vocabulary !== undefined && "tokenizer" in data;
}

/**
 * A data set of texts for networks that begin with an embedding layer: inputs `[n, length] int32`, ids of words. The texts stay in memory and
 * are encoded when they are read.
 *
 * @throws LetheError `data/shape-mismatch`, `data/empty`, `data/duplicate-id`, `data/label-out-of-range`.
 * @example
 * const tokenizer = createTokenizer({ texts: ["good film", "bad film"], vocabularySize: 10, length: 3 });
 * const data = textDataset({ name: "films", texts: ["a bad film"], labels: [0], classNames: ["bad", "good"] }, tokenizer);
 * (await data.read([0])).inputs.values; // Int32Array [1, 3, 2]
 * data.vocabulary; // 5
 */
export function textDataset(samples: TextSamples, tokenizer: Tokenizer): TextDataset {
  const { texts, classNames, ...facts } = samples;
  if (texts.length !== samples.labels.length) {
    throw new LetheError(
      "data/shape-mismatch",
      `${texts.length} texts do not fit ${samples.labels.length} labels; there is one of each per sample.`,
      {
        texts: texts.length,
        labels: samples.labels.length,
      },
    );
  }
  const dataset = computedDataset({
    ids: texts.map((_, position) => sampleId(samples.name, position)),
    ...facts,
    classNames,
    classCount: classNames.length,
    vocabulary: tokenizer.vocabularySize,
    inputShape: [tokenizer.length],
    elementType: "int32",
    write: (position, target) => target.set(tokenizer.encode(texts[position])),
  });
  validateDataset(dataset);
  return { ...dataset, vocabulary: tokenizer.vocabularySize, tokenizer };
}
