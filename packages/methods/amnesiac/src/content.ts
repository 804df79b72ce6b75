import { decodeSafetensors, isLetheError, LetheError, type SafetensorsContent } from "@lethe/core";

/** `amnesiac/damaged`: a content does not hold what was written, or is gone. */
export function damaged(file: string, fact: string, cause?: unknown): LetheError {
  const sentence = `${file} of the log of updates is damaged (${fact}); restore it from a copy, or retrain: without it the log cannot answer for its samples.`;
  return new LetheError("amnesiac/damaged", sentence, { file, fact }, { cause });
}

/** @throws LetheError `amnesiac/damaged`. */
export function decodeContent(bytes: Uint8Array, file: string): SafetensorsContent {
  try {
    return decodeSafetensors(bytes, file);
  } catch (error) {
    throw isLetheError(error) ? damaged(file, "it is not the safetensors file that was written", error) : error;
  }
}
