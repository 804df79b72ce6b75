import type { Json, OutcomeStatus } from "@lethe/core";
import type { PguArtifact } from "./artifact.ts";
import type { Descent } from "./descent.ts";
import type { LayerProtection } from "./layers.ts";
import type { PguOptions } from "./options.ts";
import type { StoppingRule } from "./stopping.ts";

export interface Findings {
  readonly artifact: PguArtifact;
  readonly options: PguOptions;
  readonly layers: Readonly<Record<string, LayerProtection>>;
  readonly rule: StoppingRule;
}

/** For each layer k of d, what the clamp hid and what the projection left; for each epoch how D_f fared. */
export function pguReport(
  { artifact, layers, rule, options }: Findings,
  descent?: Descent,
  changes: Readonly<Record<string, number>> = {},
): { [key: string]: Json } {
  const { rows = [], chosen = 0, remaining } = descent ?? {};
  const rate = (kernel: string): { [key: string]: Json } =>
    remaining?.first[kernel] === undefined
      ? {}
      : {
          residual: { first: remaining.first[kernel], last: remaining.last[kernel] },
          ...(kernel in changes ? { responseChange: changes[kernel] } : {}),
        };
  return {
    stop: options.stop,
    ...(rule.expected === undefined ? {} : { expectedAccuracy: rule.expected }),
    ...(options.stop === "unseen" ? { expectedFrom: artifact.metadata.unseen.source } : {}),
    chosenEpoch: chosen,
    epochs: rows.map((row) => ({ ...row })),
    layers: Object.fromEntries(Object.entries(layers).map(([kernel, protection]) => [kernel, { ...protection, ...rate(kernel) }])),
    uncovered: [...artifact.metadata.uncovered],
  };
}

export interface Conclusion {
  readonly status: OutcomeStatus;
  readonly message: string;
}

/** How the descent ended, and what to try. */
export function conclusion(findings: Findings, descent: Descent): Conclusion {
  return failure(findings, descent) ?? success(findings, descent);
}

/** Why a descent that was made has to be thrown away, if it has. */
function failure({ options, rule }: Findings, { rows, chosen, verdict }: Descent): Conclusion | undefined {
  if (verdict === "non-finite") {
    return { status: "non-finite", message: `The descent ran into numbers that are not finite, so nothing was changed; try ${milder(options)}.` };
  }
  if (chosen > 0) return undefined;
  const [start, last] = [rows[0], rows.at(-1)!];
  if (rows.length === 1) {
    const already = `The model classifies ${percent(start.forgetAccuracy)} of the forget set as labelled already, and ${percent(aimOf(rule, start))} is expected of samples never seen`;
    return { status: "no-effect", message: `${already}, so nothing was changed; with stop=epochs it would be.` };
  }
  const overshot = `One epoch took the accuracy on the forget set from ${percent(start.forgetAccuracy)} to ${percent(last.forgetAccuracy)}, farther past ${percent(aimOf(rule, last))} than it had to go`;
  return { status: "no-effect", message: `${overshot}, so nothing was changed; try ${milder(options)}.` };
}

function success({ artifact, options, rule }: Findings, { rows, chosen, verdict }: Descent): Conclusion {
  const [start, end] = [rows[0], rows[chosen]];
  const done = `The accuracy on the forget set went from ${percent(start.forgetAccuracy)} to ${percent(end.forgetAccuracy)} in ${chosen} epoch${chosen === 1 ? "" : "s"}`;
  if (options.stop === "epochs" || (options.stop === "retain" && verdict === "go-on")) return { status: "completed", message: `${done}.` };
  if (options.stop === "retain") {
    const fall = `${percent(start.retainAccuracy!)} to ${percent(end.retainAccuracy!)}`;
    return {
      status: "stopped-early",
      message: `${done}; by then that on the retained data had fallen from ${fall}. To lose less, try ${milder(options)}.`,
    };
  }
  const aim = aimOf(rule, end);
  const hint = options.stop === "unseen" && artifact.metadata.unseen.source === "training" && aim > 0 ? trainingOnly : "";
  const compared = `${done}; ${percent(aim)} is expected of samples never seen.${hint}`;
  if (verdict !== "go-on") return { status: "completed", message: compared };
  return { status: "budget-reached", message: `${compared} To get nearer, try more epochs, a higher rate, or a lower tau, which protects less.` };
}

/** Where steps were taken, and all of them rounded away. */
export const nothingMoved = "No weight changed: what is not protected has next to no gradient. Lower tau, or raise the rate.";

const trainingOnly = " That is the accuracy on the training data: prepare was given no validation set, and this stops too soon rather than too late.";

function milder({ rate, finalRate }: PguOptions): string {
  return `a rate of ${short(rate / 10)} and a finalRate of ${short(finalRate / 10)}, or a higher tau`;
}

function aimOf(rule: StoppingRule, row: Descent["rows"][number]): number {
  return rule.expected ?? row.validationAccuracy ?? 0;
}

/** Why nothing can move. */
export function whyNothingMoves(layers: Readonly<Record<string, LayerProtection>>, { tau }: PguOptions): string {
  const all = Object.values(layers);
  if (all.length === 0) return "The model has no dense layer or convolution that may be trained, so nothing was changed; PGU moves nothing else.";
  if (all.every(({ frozen }) => frozen === "tau is 1")) return "Every layer is frozen by a tau of 1, so nothing was changed; lower tau.";
  const widest = Math.max(...all.map(({ dimension }) => dimension));
  return `Every direction of every layer (up to ${widest}) is protected, so nothing can move; lower tau below ${short(tau)}.`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** Two digits: a quotient of decimals has tails. */
function short(value: number): number {
  return Number(value.toPrecision(2));
}
