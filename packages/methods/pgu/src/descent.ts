import { cloneTree, disposeTree, type Context, type Problem, type TensorTree } from "@lethe/core";
import { descendEpoch, weightsWith, type Projections } from "./epoch.ts";
import { evaluate } from "./evaluate.ts";
import type { PguOptions } from "./options.ts";
import type { EpochRow, StoppingRule, Verdict } from "./stopping.ts";

/** How a descent ended. */
export interface Descent {
  /** The caller's. */
  readonly kernels: TensorTree;
  readonly rows: readonly EpochRow[];
  /** The row whose weights these are. */
  readonly chosen: number;
  /** `go-on`: it ran out of epochs. `non-finite`: the loss is no number any more, and the weights are those of the start. */
  readonly verdict: Verdict | "non-finite";
  /** What was left of each kernel's gradient, at the first step and at the first one of the last epoch. */
  readonly remaining: { readonly first: Readonly<Record<string, number>>; readonly last: Readonly<Record<string, number>> };
}

/**
 * The rate of an epoch, 1 .. E: `rate (finalRate / rate)^(e / (E + 1))`.
 *
 * The authors multiply the rate after every epoch, and count one, before all updates, that only evaluates: their E is one more than here, and the first
 * update comes after a first multiplication.
 */
export function rateOf(epoch: number, { rate, finalRate, epochs }: Pick<PguOptions, "rate" | "finalRate" | "epochs">): number {
  return rate * (finalRate / rate) ** (epoch / (epochs + 1));
}

/** Descends on the forget loss, epoch after epoch, until the rule says stop. `start` stays the caller's. */
export async function descend(
  { model, forget }: Problem,
  start: TensorTree,
  projections: Projections,
  rule: StoppingRule,
  options: PguOptions,
  context: Context,
): Promise<Descent> {
  const rows: EpochRow[] = [];
  let [before, current] = [cloneTree(start), cloneTree(start)];
  let remaining: Descent["remaining"] = { first: {}, last: {} };
  const look = async (epoch: number, rate: number, objective: Pick<EpochRow, "objective">): Promise<Descent["verdict"]> => {
    const weights = weightsWith(model, current);
    const { batchSize } = options;
    const { accuracy, loss } = await evaluate(model, weights, forget, { context, batchSize, phase: "looking at D_f" });
    if (!Number.isFinite(loss)) return "non-finite";
    rows.push({ epoch, rate, forgetAccuracy: accuracy, forgetLoss: loss, ...objective, ...(await rule.look(weights)) });
    return rule.judge(rows);
  };
  try {
    let verdict = await look(0, 0, {});
    for (let epoch = 1; epoch <= options.epochs && verdict === "go-on"; epoch++) {
      const rate = rateOf(epoch, options);
      const order = orderOf(epoch, forget.size, options, context);
      const phase = `epoch ${epoch} of at most ${options.epochs}`;
      const result = await descendEpoch(model, current, projections, forget, { ...options, rate, order, epoch, phase }, context);
      disposeTree(before);
      [before, current] = [current, result.kernels];
      remaining = { first: epoch === 1 ? result.remaining : remaining.first, last: result.remaining };
      const objective = result.losses.reduce((sum, loss) => sum + loss, 0) / result.losses.length;
      verdict = Number.isFinite(objective) ? await look(epoch, rate, { objective }) : "non-finite";
    }
    if (verdict === "non-finite") return { kernels: cloneTree(start), rows, chosen: 0, verdict, remaining };
    const back = verdict === "stop-before";
    return { kernels: cloneTree(back ? before : current), rows, chosen: rows.length - (back ? 2 : 1), verdict, remaining };
  } finally {
    disposeTree(before);
    disposeTree(current);
  }
}

function orderOf(epoch: number, size: number, { order }: PguOptions, { random }: Context): Uint32Array {
  return order === "stored" ? Uint32Array.from({ length: size }, (_, i) => i) : random.split("order", epoch).permutation(size);
}
