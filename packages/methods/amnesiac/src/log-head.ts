import { encodeSafetensors, jsonObjectOf, LetheError, sha256, type Recipe } from "@lethe/core";
import { damaged, decodeContent } from "./content.ts";
import type { Layout } from "./update-file.ts";

/** What holds for a log as a whole. Replacing it is the one moment at which a request happens or does not. */
export interface LogHead {
  /** Of the samples that can be asked for, in the order of the training data; `null` where one was forgotten. Updates speak of them by position. */
  readonly ids: readonly (string | null)[];
  readonly recipe: Recipe;
  /** `trainingKey` of the run. */
  readonly key: string;
  readonly layout: Layout;
  /** Hash of the parameters that training started from. */
  readonly start: string;
  /** Null while training goes on: then all updates count that are there. */
  readonly finished: FinishedLog | null;
}

export interface FinishedLog {
  /** Indices of the updates that count, ascending. */
  readonly updates: readonly number[];
  /** Taken in all, logged or not, those of repairs included. */
  readonly steps: number;
  /** As {@link steps}. */
  readonly epochs: number;
  /** Updates that requests have subtracted so far. */
  readonly subtracted: number;
}

export const headFile = "log.safetensors";

const format = "lethe-update-log-1";

export async function encodeHead(head: LogHead): Promise<Uint8Array> {
  const text = JSON.stringify(head);
  return encodeSafetensors({}, { format, head: text, sha256: await sha256(text) });
}

/** @throws LetheError `amnesiac/damaged`, `amnesiac/unsupported-version`. */
export async function decodeHead(bytes: Uint8Array): Promise<LogHead> {
  const { format: found, head: text, sha256: expected } = decodeContent(bytes, headFile).metadata;
  if (found !== format && found?.startsWith("lethe-update-log-")) {
    const sentence = `${headFile} has the format ${found} where this release knows ${format}; install a newer release of Lethe.`;
    throw new LetheError("amnesiac/unsupported-version", sentence, { file: headFile, format: found });
  }
  if (found !== format || text === undefined) throw damaged(headFile, "it is not the head of a log of updates");
  if ((await sha256(text)) !== expected) throw damaged(headFile, "its content does not agree with its checksum");
  return jsonObjectOf(text) as unknown as LogHead;
}
