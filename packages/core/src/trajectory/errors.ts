import { LetheError } from "../errors/index.ts";

/** `trajectory/damaged`: a file does not hold what was written. */
export function damaged(file: string, fact: string, cause?: unknown): LetheError {
  const sentence = `${file} of the trajectory is damaged (${fact}); restore it from a copy, or truncate the trajectory before it and train on from there.`;
  return new LetheError("trajectory/damaged", sentence, { file, fact }, { cause });
}

/** `trajectory/missing`: a file is gone that another one builds on. */
export function missing(index: number, neededBy: string | undefined): LetheError {
  const sentence = `Snapshot ${index} of the trajectory is missing, and ${neededBy ?? "the next one"} builds on it; restore it from a copy, or open the trajectory with { damaged: "drop" } and train on from the last snapshot that is whole.`;
  return new LetheError("trajectory/missing", sentence, { index, neededBy });
}
