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

/** `trajectory/not-kept`: it was given up, and can be had by training. */
export function notKept(index: number, nearest: number): LetheError {
  const sentence = `Snapshot ${index} was given up to keep the budget; train on from snapshot ${nearest}, which is kept, to have it again.`;
  return new LetheError("trajectory/not-kept", sentence, { index, nearest });
}

export function noSuchSnapshot(index: number, length: number): LetheError {
  const sentence = `There is no snapshot ${index} in a trajectory of ${length}; ask for one from 0 to ${length - 1}.`;
  return new LetheError("trajectory/no-such-snapshot", sentence, { index, length });
}

export function badIndex(index: number, length: number): LetheError {
  const sentence = `A snapshot of index ${index} cannot follow the ${length} that there are; give a whole number of ${length} or more.`;
  return new LetheError("trajectory/bad-index", sentence, { index, length });
}

export function unknownId(id: string): LetheError {
  const sentence = `The trajectory was recorded without a sample ${id}, or it was forgotten before; leave it out.`;
  return new LetheError("trajectory/unknown-id", sentence, { id });
}

export function stillTouched(id: string | null): LetheError {
  const sentence = `A replacement snapshot has read the sample ${id} that is to be forgotten; train it on the remaining samples.`;
  return new LetheError("trajectory/still-touched", sentence, { id });
}

export function otherLayout(index: number, name: string): LetheError {
  const sentence = `The tensor ${name} of snapshot ${index} and of the one before it are not both there, or not of one shape; compare snapshots of one model and optimiser.`;
  return new LetheError("trajectory/other-layout", sentence, { index, name });
}

/** `trajectory/uncertain`: what is in memory may not be what is stored. */
export function uncertain(): LetheError {
  const sentence = "A write to the trajectory failed, and what it left is not certain; open the trajectory again to see.";
  return new LetheError("trajectory/uncertain", sentence);
}
