import { createContext } from "../context/index.ts";

/**
 * Long work as a generator: it stops after every piece, of a fraction of a second, and yields the number of operations that the piece took. One code
 * serves those who wait for the result and those who want the event loop to run meanwhile.
 */
export type Pieces<Result> = Generator<number, Result, void>;

/** The result, without a stop. */
export function atOnce<Result>(work: Pieces<Result>): Result {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

export interface PauseOptions {
  /** Told the share of the operations that is done, from 0 to 1. */
  readonly onProgress?: ((share: number) => void) | undefined;
  /** Awaited after every piece; what it throws ends the work. Default: it lets the event loop run now and then. */
  readonly pause?: (() => Promise<void>) | undefined;
}

/** @param operations what the pieces add up to, or more where some may turn out not to be needed */
export async function withPauses<Result>(
  work: Pieces<Result>,
  operations: number,
  { onProgress, pause = createContext().pause }: PauseOptions,
): Promise<Result> {
  for (let completed = 0; ;) {
    const { done, value } = work.next();
    if (done) {
      onProgress?.(1);
      return value;
    }
    completed += value;
    onProgress?.(Math.min(1, completed / operations));
    await pause();
  }
}
