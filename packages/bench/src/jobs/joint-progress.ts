import type { Progress } from "@lethe/core";

/**
 * One bar for several jobs that may run side by side.
 *
 * @param weights what each job comes to, in `unit`.
 * @returns for each job, what to report its own progress to.
 */
export function jointProgress(
  phase: string,
  unit: Progress["unit"],
  weights: readonly number[],
  report: (progress: Progress) => void,
): readonly ((progress: Progress) => void)[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const done = weights.map(() => 0);
  return weights.map((weight, index) => ({ completed, total: own }) => {
    // A job of several phases begins at nothing again; the bar does not.
    done[index] = Math.max(done[index], (weight * completed) / Math.max(own, 1));
    report({ phase, unit, total, completed: done.reduce((sum, each) => sum + each, 0) });
  });
}
