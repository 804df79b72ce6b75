import { LetheError, type Context, type Problem, type Weights } from "@lethe/core";
import type { PguArtifact } from "./artifact.ts";
import { evaluate } from "./evaluate.ts";
import type { PguOptions } from "./options.ts";
import { expectedAccuracy } from "./unseen.ts";

/** What is known after an epoch; epoch 0 is the model as it was given. */
export type EpochRow = {
  readonly epoch: number;
  readonly rate: number;
  readonly forgetAccuracy: number;
  /** Mean cross entropy. */
  readonly forgetLoss: number;
  /** Mean of what is descended on, before the steps of the epoch. */
  readonly objective?: number;
  readonly validationAccuracy?: number;
  readonly retainAccuracy?: number;
};

/** `here`: with the last epoch's weights. `before`: with those of the epoch before it. */
export type Verdict = "go-on" | "stop-here" | "stop-before";

export interface StoppingRule {
  /** What the rule wants to know of the model beside its performance on D_f. */
  look(weights: Weights): Promise<Pick<EpochRow, "validationAccuracy" | "retainAccuracy">>;
  judge(rows: readonly EpochRow[]): Verdict;
  /** The accuracy on D_f that is aimed at, where the rule has one that does not change. */
  readonly expected?: number;
}

/**
 * When to stop.
 *
 * | rule       | stops at the first epoch at which                                                     | reads              |
 * | ---------- | ------------------------------------------------------------------------------------- | ------------------ |
 * | unseen     | accuracy on D_f is below what `prepare` found to expect of unseen samples (unseen.ts)  | D_f                |
 * | validation | it is below accuracy on the validation set: the authors' rule for subsets              | D_f, validation    |
 * | retain     | accuracy on D_r has fallen by more than the tolerance: the authors' rule for classes   | D_f, D_r           |
 * | epochs     | all epochs are done                                                                    | D_f                |
 *
 * The first two also stop where 1 % is left, and keep whichever of the last two epochs is closer to the accuracy they aim at.
 *
 * @throws LetheError `pgu/needs-validation`, `pgu/needs-retain`.
 */
export function stoppingRule(problem: Problem, artifact: PguArtifact, options: PguOptions, context: Context): StoppingRule {
  const { model, validation, retain, forget } = problem;
  const { batchSize, stop, tolerance } = options;
  const accuracyOn = async (data: Problem["data"], phase: string, weights: Weights) =>
    (await evaluate(model, weights, data, { context, batchSize, phase })).accuracy;
  switch (stop) {
    case "unseen": {
      const expected = expectedAccuracy(artifact, forget.labels, options);
      return { expected, look: async () => ({}), judge: (rows) => closest(rows, () => expected) };
    }
    case "validation": {
      if (validation === undefined) {
        throw new LetheError("pgu/needs-validation", "stop: validation compares with a validation set; pass one, or choose another stop.");
      }
      return {
        look: async (weights) => ({ validationAccuracy: await accuracyOn(validation, "looking at the validation data", weights) }),
        judge: (rows) => closest(rows, (row) => row.validationAccuracy!),
      };
    }
    case "retain": {
      if (retain.size === 0) {
        throw new LetheError("pgu/needs-retain", "stop: retain looks at the retained data, and there is none any more; choose another stop.");
      }
      return {
        look: async (weights) => ({ retainAccuracy: await accuracyOn(retain, "looking at D_r", weights) }),
        judge: (rows) => (rows[0].retainAccuracy! - rows.at(-1)!.retainAccuracy! > tolerance ? "stop-here" : "go-on"),
      };
    }
    case "epochs":
      return { look: async () => ({}), judge: () => "go-on" };
  }
}

/** Where none of the samples should be classified as labelled any more, the last few would take as long as all the others. */
const hardlyAny = 0.01;

/** Stops once the accuracy on D_f is below the one aimed at, or below 1 %: at the closer of the last two epochs. */
function closest(rows: readonly EpochRow[], aim: (row: EpochRow) => number): Verdict {
  const gap = (row: EpochRow) => aim(row) - row.forgetAccuracy;
  const last = rows.at(-1)!;
  if (gap(last) <= 0 && last.forgetAccuracy > hardlyAny) return "go-on";
  const before = rows.at(-2);
  return before === undefined || Math.abs(gap(last)) <= Math.abs(gap(before)) ? "stop-here" : "stop-before";
}
