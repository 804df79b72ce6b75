import { isLetheError, LetheError } from "@lethe/core";
import { tryRecording } from "../jobs/recorder.ts";
import { decodeNetwork } from "../network/files.ts";
import { startingModel } from "../network/network.ts";
import { preparationOf } from "./preparation.ts";
import type { OpenProblem } from "./problem.ts";
import type { ChosenMethod } from "./rows.ts";

/** A row of the table, and a problem that it is to be tried on. */
export interface Pairing {
  readonly row: string;
  readonly method: ChosenMethod;
  readonly problem: OpenProblem;
}

/**
 * Lets every method that has to watch a training begin to, so that one which cannot, for it wants another order of training, says so before anything is trained.
 *
 * @throws LetheError `experiment/not-recordable`.
 */
export async function expectRecordable(pairings: readonly Pairing[]): Promise<void> {
  const tried = new Set<string>();
  for (const { row, method, problem } of pairings) {
    const pair = JSON.stringify([row, problem.name]);
    if (preparationOf(method) !== "record" || tried.has(pair)) continue;
    tried.add(pair);
    try {
      await tryOn(method, problem);
    } catch (error) {
      if (!isLetheError(error)) throw error;
      const sentence = `${row} has to watch the training of ${problem.name}, and cannot. ${error.message}`;
      throw new LetheError("experiment/not-recordable", sentence, { method: row, problem: problem.name, code: error.code }, { cause: error });
    }
  }
}

async function tryOn({ configured }: ChosenMethod, { architecture, data, recipe }: OpenProblem): Promise<void> {
  const model = startingModel(await decodeNetwork(architecture), recipe(0));
  await tryRecording(configured, { model, data: data.train, recipe: recipe(0) }).finally(() => model.dispose());
}
