import { readFileChecked } from "@lethe/core/files";
import { npzDataset } from "@lethe/datasets";
import type { SourceKind } from "./source-kind.ts";
import { absoluteWords, originOf, parseWords } from "./words.ts";

const grammar = { prefix: "npz", usage: "npz:FILE[,inputs=ARRAY][,labels=ARRAY]", keys: ["inputs", "labels"] } as const;

/** Two arrays of a NumPy archive, `x` and `y` unless said otherwise. */
export const npzSource: SourceKind = {
  ...grammar,
  absolute: (words, cwd) => absoluteWords(words, grammar, cwd),
  async open(words, part) {
    const { path, options } = parseWords(words, grammar);
    return { words, data: await npzDataset({ file: await readFileChecked(path), source: path, name: originOf(part, path, /\.npz$/i), ...options }) };
  },
};
