import type { ContentStorage } from "@lethe/core";
import { folderStorage } from "@lethe/core/files";
import { copyContents } from "../store/contents.ts";
import type { RecordedFolders } from "./job.ts";

/** A copy of what a recorder left, which a method may change for good; made before its clock starts. */
export async function lentStorage({ from, to }: RecordedFolders): Promise<ContentStorage> {
  await copyContents(from, to);
  return folderStorage(to);
}
