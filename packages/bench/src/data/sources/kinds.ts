import { idxSource } from "./idx.ts";
import { imagesSource } from "./images.ts";
import { npySource } from "./npy.ts";
import { npzSource } from "./npz.ts";
import type { SourceKind } from "./source-kind.ts";
import { csvSource, jsonLinesSource, parquetSource } from "./tables.ts";
import { textSource } from "./text.ts";

/** Every way of naming files of one's own; a new one is added here. */
export const sourceKinds: readonly SourceKind[] = [idxSource, npySource, npzSource, csvSource, jsonLinesSource, parquetSource, textSource, imagesSource];

/** The kind of `csv:FILE`; undefined for a name. */
export function kindOf(source: string): SourceKind | undefined {
  return sourceKinds.find(({ prefix }) => source.startsWith(`${prefix}:`));
}

/** `idx:IMAGES,LABELS`, ... without what is optional. */
export function kindsInShort(): readonly string[] {
  return sourceKinds.map(({ usage }) => usage.replaceAll(/\[[^\]]*\]/g, ""));
}
