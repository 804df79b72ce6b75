import { stat } from "node:fs/promises";
import { readFileChecked } from "@lethe/core/files";
import { idxDataset } from "@lethe/datasets";
import { idxFileDataset } from "@lethe/datasets/files";
import type { SourceKind } from "./source-kind.ts";
import { absolutePair, originOf, parsePair } from "./words.ts";

const grammar = { prefix: "idx", usage: "idx:IMAGES,LABELS" };
const endings = /(\.idx\d?|[.-]idx\d-ubyte|-ubyte)?(\.gz)?$/;
/** Images of more bytes than that stay in their file; the samples are the same. */
const heldInMemory = 16e6;

/** A pair of IDX files, plain or gzipped. */
export const idxSource: SourceKind = {
  ...grammar,
  absolute: (words, cwd) => absolutePair(words, grammar, cwd),
  async open(words, part) {
    const [images, labels] = parsePair(words, grammar);
    const name = originOf(part, images, endings);
    const size = await stat(images).then(
      (stats) => (stats.isFile() ? stats.size : 0),
      () => 0,
    );
    if (size > heldInMemory && !images.endsWith(".gz")) return { words, data: await idxFileDataset({ images, labels, name }) };
    const data = await idxDataset({
      images: await readFileChecked(images),
      labels: await readFileChecked(labels),
      name,
      sources: { images, labels },
    });
    return { words, data };
  },
};
