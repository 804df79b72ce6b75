import type { Turns } from "../jobs/turns.ts";
import type { Stages } from "./stages.ts";

/**
 * Waits for everything. After the first failure nothing more is begun, what is being done is finished, and then that failure is thrown.
 *
 * @throws the failure that came first in time.
 */
export async function together<Value>(
  work: readonly Promise<Value>[],
  stages: Pick<Stages, "stop">,
  turns: Pick<Turns, "discard">,
): Promise<readonly Value[]> {
  let first: { readonly error: unknown } | undefined;
  const stop = (error: unknown) => {
    first ??= { error };
    stages.stop(error);
    turns.discard(error);
  };
  const watched = work.map(async (each) => {
    try {
      return await each;
    } catch (error) {
      stop(error);
      throw error;
    }
  });
  const outcomes = await Promise.allSettled(watched);
  if (first !== undefined) throw first.error;
  return outcomes.map((outcome) => (outcome as PromiseFulfilledResult<Value>).value);
}
