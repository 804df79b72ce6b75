import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { LetheError } from "@lethe/core";
import { unreadable } from "../files/unreadable.ts";
import { naturalOrder } from "./natural-order.ts";

export interface ImageFile {
  /** Path below the folder, with slashes on every system. */
  readonly id: string;
  readonly path: string;
}

export interface ImageClass {
  readonly name: string;
  readonly files: readonly ImageFile[];
}

const image = /\.(png|jpe?g)$/i;
/** What desktops and version control leave in every folder. */
const litter = /^\.|^(Thumbs\.db|desktop\.ini|__MACOSX)$/i;
/** Deeper than that there is a link to a folder above. */
const deepest = 32;

/**
 * The classes of a folder, a sub-folder each, and their images at any depth, all in natural order.
 *
 * @throws LetheError `data/unreadable`, `data/no-classes`, `data/image-without-class`, `data/empty-class`, `data/duplicate-class`,
 * `data/not-an-image`, `data/too-deep`; each names the file or folder.
 */
export async function listImageClasses(folder: string): Promise<readonly ImageClass[]> {
  const { folders, files } = await entriesOf(folder);
  const stray = files.find((name) => image.test(name));
  if (stray !== undefined) {
    throw new LetheError(
      "data/image-without-class",
      `${join(folder, stray)} lies outside of the classes; move it into the sub-folder of its class.`,
      {
        path: join(folder, stray),
      },
    );
  }
  if (folders.length === 0) {
    throw new LetheError("data/no-classes", `${folder} has no sub-folders; put the images of each class into a sub-folder named after it.`, {
      path: folder,
    });
  }
  expectDistinct(folder, folders);
  return Promise.all(
    folders.map(async (name) => {
      const found = await imagesBelow(folder, name, 1);
      if (found.length > 0) return { name: name.normalize("NFC"), files: found };
      throw new LetheError("data/empty-class", `The class ${join(folder, name)} has no image; add some, or remove the sub-folder.`, {
        path: join(folder, name),
      });
    }),
  );
}

async function imagesBelow(root: string, inside: string, depth: number): Promise<readonly ImageFile[]> {
  const here = join(root, inside);
  if (depth > deepest) throw new LetheError("data/too-deep", `${here} lies ${depth} folders deep; is it a link to a folder above?`, { path: here });
  const { folders, files } = await entriesOf(here);
  const odd = files.find((name) => !image.test(name));
  if (odd !== undefined) {
    throw new LetheError("data/not-an-image", `${join(here, odd)} is no .png, .jpg or .jpeg file; convert it, or move it away.`, {
      path: join(here, odd),
    });
  }
  const own = files.map((name) => ({ id: `${inside}/${name}`.normalize("NFC"), path: join(here, name) }));
  const below: (readonly ImageFile[])[] = [];
  for (const name of folders) below.push(await imagesBelow(root, `${inside}/${name}`, depth + 1));
  return [...own, ...below.flat()];
}

/** Files and folders in natural order; links count as what they lead to. */
async function entriesOf(folder: string): Promise<{ readonly folders: readonly string[]; readonly files: readonly string[] }> {
  try {
    const entries = (await readdir(folder, { withFileTypes: true })).filter(({ name }) => !litter.test(name));
    const kinds = await Promise.all(
      entries.map(async (entry) => ({
        name: entry.name,
        isFolder: entry.isSymbolicLink() ? (await stat(join(folder, entry.name))).isDirectory() : entry.isDirectory(),
      })),
    );
    const sorted = kinds.toSorted((a, b) => naturalOrder(a.name, b.name));
    return {
      folders: sorted.filter(({ isFolder }) => isFolder).map(({ name }) => name),
      files: sorted.filter(({ isFolder }) => !isFolder).map(({ name }) => name),
    };
  } catch (error) {
    throw unreadable(folder, error);
  }
}

/** Names that differ in case only, or in how an accent is written, are one name on other disks and for `--forget class=NAME`. */
function expectDistinct(folder: string, names: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const key = name.normalize("NFC").toLowerCase();
    const other = seen.get(key);
    if (other !== undefined) {
      throw new LetheError(
        "data/duplicate-class",
        `${folder} has the classes ${other} and ${name}, which read as one name; rename one, or join them.`,
        {
          path: folder,
          names: [other, name],
        },
      );
    }
    seen.set(key, name);
  }
}
