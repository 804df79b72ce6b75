import type { Dataset } from "@lethe/core";

export type Part = "train" | "test";

/** Samples, and the words for them with all that was decided in opening them. */
export interface OpenedSource {
  readonly data: Dataset;
  readonly words: string;
}

/** One way of saying where samples come from: `csv:FILE`. */
export interface SourceKind {
  /** What stands before the colon. */
  readonly prefix: string;
  /** For help and errors: `"csv:FILE[,label=COLUMN]"`. */
  readonly usage: string;
  /** The same words with absolute paths. @throws LetheError `data/unknown-source` for words that are not understood. */
  absolute(words: string, cwd: string): string;
  /**
   * @param words absolute.
   * @param part which half the samples are; ids may begin with it.
   * @param like the training samples, for test samples: their classes count.
   */
  open(words: string, part: Part, like: Dataset | undefined): Promise<OpenedSource>;
  /** Whether the same words name test samples too. Default: never. */
  hasTest?(words: string): Promise<boolean>;
}
