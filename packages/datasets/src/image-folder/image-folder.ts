import { LetheError, type Dataset } from "@lethe/core";
import { basename, resolve } from "node:path";
import { lazyDataset } from "../files/lazy-dataset.ts";
import { readWhole } from "../files/read-whole.ts";
import { openDecoder, type Decoder, type DecoderName } from "./decoder.ts";
import { fitted, greyOf, type ImageSize } from "./fit.ts";
import { listImageClasses, type ImageClass, type ImageFile } from "./list.ts";
import type { Picture } from "./picture.ts";
import { createPixelCache } from "./pixel-cache.ts";

export interface ImageFolderOptions {
  /** Pixels of every input, a square for a number. Default: the size that all images have. */
  readonly size?: number | ImageSize;
  /** Three channels or one. Default `"rgb"`. */
  readonly mode?: "rgb" | "grey";
  /** Default: sharp where it is installed, otherwise jpeg-js. Matters for JPEG files only. */
  readonly decoder?: DecoderName;
  /** The classes in their order, where another folder has set them; each sub-folder must be one of them. */
  readonly classNames?: readonly string[];
  /** Decoded pixels that are kept in memory. Default 256 MB. */
  readonly cacheBytes?: number;
  /** Default: the name of the folder. */
  readonly name?: string;
}

export interface ImageFolder extends Dataset {
  readonly classNames: readonly string[];
  /** What decodes the JPEG files, as the pixels depend on it; `"none"` where there are none. */
  readonly jpegDecoder: DecoderName | "none";
}

/** Images that are decoded side by side. */
const together = 16;

/**
 * A folder of images as a data set: each sub-folder is a class, ids are paths below the folder, both in natural order. Inputs
 * `[n, height, width, 3 or 1] float32`, pixel / 255, opacity ignored. Images are decoded when they are read, so that any number of them takes the memory of
 * a batch and of the cache. They must stay as they are while they are in use.
 *
 * How an image is brought to `size`: see `fitted`. `"grey"` is the brightness, by ITU-R 601, of the image in that size.
 *
 * @throws LetheError those of `listImageClasses`; `data/bad-size`, `data/unknown-class`, `data/no-decoder`; on reading, `data/bad-image`, `data/unreadable`
 * and, without `size`, `data/image-size`. Each names the file.
 * @example
 * const data = await imageFolderDataset("photos", { size: 32 });
 * data.inputShape; // [32, 32, 3]
 * data.classNames; // ["cat", "dog"]
 * data.ids[0]; // "cat/1.png"
 */
export async function imageFolderDataset(folder: string, options: ImageFolderOptions = {}): Promise<ImageFolder> {
  const classes = await listImageClasses(folder);
  const classNames = options.classNames ?? classes.map(({ name }) => name);
  const labelled = classes.flatMap((each) => each.files.map((file) => ({ file, label: labelOf(each, classNames, folder) })));
  const files = labelled.map(({ file }) => file);
  const decoder = await openDecoder(options.decoder);
  const { size, origin } = await sizeOf(options.size, files, decoder);
  const channels = options.mode === "grey" ? 1 : 3;
  const cache = createPixelCache(options.cacheBytes ?? 256e6);

  const pixelsAt = async (position: number): Promise<Uint8Array> => {
    const kept = cache.get(position);
    if (kept !== undefined) return kept;
    const picture = await open(files[position], decoder);
    if (origin !== undefined) expectSameSize(files[position], picture, size, origin);
    const fit = fitted(picture, size);
    const pixels = channels === 1 ? greyOf(fit) : fit.pixels;
    cache.set(position, pixels);
    return pixels;
  };
  const stride = size.height * size.width * channels;
  const dataset = lazyDataset({
    name: options.name ?? basename(resolve(folder)),
    inputShape: [size.height, size.width, channels],
    labels: Int32Array.from(labelled, ({ label }) => label),
    classCount: classNames.length,
    classNames,
    ids: files.map(({ id }) => id),
    async fill(positions, target) {
      for (let first = 0; first < positions.length; first += together) {
        const group = Array.from({ length: Math.min(together, positions.length - first) }, (_, i) => first + i);
        await Promise.all(
          group.map(async (index) => {
            const pixels = await pixelsAt(positions[index]);
            for (let i = 0; i < stride; i++) target[index * stride + i] = pixels[i] / 255;
          }),
        );
      }
    },
  });
  const hasJpeg = files.some(({ path }) => !/\.png$/i.test(path));
  return { ...dataset, classNames, jpegDecoder: hasJpeg ? decoder.name : "none" };
}

async function open({ path }: ImageFile, decoder: Decoder): Promise<Picture> {
  return decoder.decode(await readWhole(path), path);
}

function labelOf({ name }: ImageClass, classNames: readonly string[], folder: string): number {
  const label = classNames.indexOf(name);
  if (label >= 0) return label;
  throw new LetheError(
    "data/unknown-class",
    `${folder} has the class ${name}, which the training data lacks; its classes are ${classNames.join(", ")}.`,
    {
      path: folder,
      class: name,
      classNames,
    },
  );
}

/** The size that is asked for, or that of the first image, which all others are then to have. */
async function sizeOf(
  asked: number | ImageSize | undefined,
  files: readonly ImageFile[],
  decoder: Decoder,
): Promise<{ readonly size: ImageSize; readonly origin?: ImageFile }> {
  if (asked === undefined) {
    const { height, width } = await open(files[0], decoder);
    return { size: { height, width }, origin: files[0] };
  }
  const size = typeof asked === "number" ? { height: asked, width: asked } : asked;
  if ([size.height, size.width].every((length) => Number.isInteger(length) && length >= 1 && length <= 10_000)) return { size };
  throw new LetheError("data/bad-size", `Images cannot have ${size.height} x ${size.width} pixels; give whole numbers from 1 to 10,000.`, { size });
}

function expectSameSize({ path }: ImageFile, { height, width }: Picture, size: ImageSize, origin: ImageFile): void {
  if (height === size.height && width === size.width) return;
  throw new LetheError(
    "data/image-size",
    `${path} has ${height} x ${width} pixels and ${origin.path} ${size.height} x ${size.width}; say to which size all of them are to be brought, e.g. size=32.`,
    { path, height, width, expected: size },
  );
}
