import { stat } from "node:fs/promises";
import { join } from "node:path";
import { imageFolderDataset, type ImageFolderOptions } from "@lethe/datasets/files";
import type { SourceKind } from "./source-kind.ts";
import { absoluteWords, formatWords, notUnderstood, parseWords } from "./words.ts";

const grammar = {
  prefix: "images",
  usage: "images:FOLDER[,size=32][,mode=grey]",
  keys: ["size", "mode", "decoder"],
} as const;

type Key = (typeof grammar.keys)[number];

/**
 * A folder with a sub-folder of images per class; with sub-folders `train` and `test` (or `val`) it holds both parts. The words come back with the decoder,
 * where there are JPEG files, so that a result is made again with the same one.
 */
export const imagesSource: SourceKind = {
  ...grammar,
  absolute: (words, cwd) => absoluteWords(words, grammar, cwd),
  async open(words, part, like) {
    const { path, options } = parseWords(words, grammar);
    const parts = await partsOf(path);
    const folder = parts?.[part] ?? parts?.train ?? path;
    const data = await imageFolderDataset(folder, {
      ...optionsOf(options, words),
      name: part,
      ...(like?.classNames === undefined ? {} : { classNames: like.classNames }),
      // Without a size the test images have that of the training images.
      ...(options.size === undefined && like !== undefined ? { size: { height: like.inputShape[0], width: like.inputShape[1] } } : {}),
    });
    const { jpegDecoder } = data;
    return { data, words: jpegDecoder === "none" ? words : formatWords("images", { path, options: { ...options, decoder: jpegDecoder } }) };
  },
  async hasTest(words) {
    return (await partsOf(parseWords(words, grammar).path))?.test !== undefined;
  },
};

interface PartFolders {
  readonly train: string;
  readonly test: string | undefined;
}

/** The folders of the parts, where `folder` is divided into them. */
async function partsOf(folder: string): Promise<PartFolders | undefined> {
  const found = async (name: string) => ((await isFolder(join(folder, name))) ? join(folder, name) : undefined);
  const train = await found("train");
  const test = (await found("test")) ?? (await found("val"));
  return train === undefined || test === undefined ? undefined : { train, test };
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

function optionsOf({ size, mode, decoder }: Partial<Record<Key, string>>, words: string): ImageFolderOptions {
  return {
    ...(size === undefined ? {} : { size: sizeOf(size, words) }),
    ...(mode === undefined ? {} : { mode: oneOf(["rgb", "grey"], mode, words) }),
    ...(decoder === undefined ? {} : { decoder: oneOf(["sharp", "jpeg-js"], decoder, words) }),
  };
}

/** `32`, or height and width as `32x48`. */
function sizeOf(given: string, words: string): { readonly height: number; readonly width: number } {
  const [height, width = height, ...more] = given.split("x").map(Number);
  if (Number.isInteger(height) && Number.isInteger(width) && more.length === 0) return { height, width };
  throw notUnderstood(words, grammar.usage);
}

function oneOf<const Choice extends string>(choices: readonly Choice[], given: string, words: string): Choice {
  const chosen = choices.find((choice) => choice === given);
  if (chosen !== undefined) return chosen;
  throw notUnderstood(words, grammar.usage);
}
