import { npyFileDataset } from "@lethe/datasets/files";
import type { SourceKind } from "./source-kind.ts";
import { absolutePair, originOf, parsePair } from "./words.ts";

const grammar = { prefix: "npy", usage: "npy:INPUTS,LABELS" };

/** A pair of NumPy files, read by offsets. */
export const npySource: SourceKind = {
  ...grammar,
  absolute: (words, cwd) => absolutePair(words, grammar, cwd),
  async open(words, part) {
    const [inputs, labels] = parsePair(words, grammar);
    return { words, data: await npyFileDataset({ inputs, labels, name: originOf(part, inputs, /\.npy$/i) }) };
  },
};
