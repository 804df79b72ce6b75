import { LetheError } from "@lethe/core";
import { relearnTime, type Curve, type RelearnTime } from "./relearn-time.ts";

export interface AnamnesisInput {
  /** Accuracies on the forget set, before any step and after each, under one protocol. */
  readonly unlearned: Curve;
  readonly oracle: Curve;
  /** Accuracy of the original model on the forget set, in [0, 1]. */
  readonly originalAccuracy: number;
  /** a: the target is (1 - a) times the original accuracy. Default 0.05; 0.05 to 0.1 are in use. */
  readonly margin?: number;
}

export interface AnamnesisIndex {
  /** Null where neither model reached the target. */
  readonly value: number | null;
  /** `"at least"` where only the unlearned model did not reach the target, `"at most"` where only the oracle did not, `"unknown"` where neither did. */
  readonly relation: "equal" | "at least" | "at most" | "unknown";
  /** The accuracy to reach. */
  readonly target: number;
  readonly unlearned: RelearnTime;
  readonly oracle: RelearnTime;
}

/**
 * Anamnesis index: AIN = r_u / r_r, the steps that the unlearned model needs to come within a of the original's forget accuracy over those of a retrained model.
 *
 * Near 1: like retrained. Well below 1: knowledge was left. Well above 1: over-forgotten, so that the forget set stands out. A time counts as one step at least,
 * because the published code looks only after a step; a run that ended too early makes the index a bound, never a number.
 *
 * Chundawat et al. 2023, Zero-Shot Machine Unlearning, section 5. ERASURE counts epochs and adds 0.01 to both.
 *
 * @throws LetheError `metrics/bad-argument`.
 * @example
 * anamnesisIndex({ unlearned: [0, 0.5, 0.96], oracle: [0, 0.2, 0.5, 0.7, 0.97], originalAccuracy: 1 }).value; // 0.5
 * anamnesisIndex({ unlearned: [0, 0.5, 0.6], oracle: [0, 0.97], originalAccuracy: 1 }).relation; // "at least"
 */
export function anamnesisIndex({ unlearned, oracle, originalAccuracy, margin = 0.05 }: AnamnesisInput): AnamnesisIndex {
  if (!(originalAccuracy >= 0 && originalAccuracy <= 1 && margin >= 0 && margin < 1)) {
    throw new LetheError("metrics/bad-argument", `An accuracy of ${originalAccuracy} with margin ${margin} is no target.`, {
      originalAccuracy,
      margin,
    });
  }
  const target = (1 - margin) * originalAccuracy;
  const own = relearnTime(unlearned, { accuracyAtLeast: target });
  const other = relearnTime(oracle, { accuracyAtLeast: target });
  const relation = relationOf(own, other);
  const value = relation === "unknown" ? null : Math.max(1, own.steps) / Math.max(1, other.steps);
  return { value, relation, target, unlearned: own, oracle: other };
}

function relationOf(unlearned: RelearnTime, oracle: RelearnTime): AnamnesisIndex["relation"] {
  if (unlearned.status === "censored") return oracle.status === "censored" ? "unknown" : "at least";
  return oracle.status === "censored" ? "at most" : "equal";
}
