import type { Stage } from "@lethe/bench";

export interface Folded {
  /** In their own order. */
  readonly shown: readonly Stage[];
  readonly hidden: readonly Stage[];
}

/**
 * Chooses what to show of the stages where the terminal is short: first those that run, then those that are begun, then what comes next, last what is done.
 *
 * @param rows how many lines there are, the one that tells of the hidden stages included.
 */
export function foldStages(stages: readonly Stage[], rows: number): Folded {
  if (stages.length <= rows) return { shown: stages, hidden: [] };
  const ranked = stages
    .map((stage, place) => ({ stage, place }))
    .toSorted((a, b) => rank(a.stage) - rank(b.stage) || (isOver(a.stage) ? b.place - a.place : a.place - b.place));
  const chosen = new Set(ranked.slice(0, Math.max(rows - 1, 0)).map(({ stage }) => stage));
  return { shown: stages.filter((stage) => chosen.has(stage)), hidden: stages.filter((stage) => !chosen.has(stage)) };
}

function rank(stage: Stage): number {
  if (stage.running > 0) return 0;
  if (isOver(stage)) return 3;
  return stage.done > 0 ? 1 : 2;
}

/** Nothing of it is left to do. */
export function isOver({ done, total }: Stage): boolean {
  return done >= total;
}
