import type { HostTensor } from "@lethe/core";
import { fitSupportVectorMachine } from "./support-vector-machine.ts";

/** `[n, d]` features of one model's outputs; see {@link membershipFeature}. */
export interface SvcAttackInput {
  /** Retained training samples. Papers take as many as there are non-members. */
  readonly members: HostTensor;
  /** Samples that no model was trained on. */
  readonly nonMembers: HostTensor;
  readonly forget: HostTensor;
}

export interface SvcAttack {
  /** Share of the forget set classified as non-members, in [0, 1]: "MIA-efficacy". */
  readonly efficacy: number;
  /** `[n]` f of every forget sample; member where f >= 0. */
  readonly decisionValues: Float64Array;
  readonly intercept: number;
  readonly supportVectorCounts: { readonly members: number; readonly nonMembers: number };
}

/**
 * The membership attack behind "MIA" in the tables of SalUn and its successors: a support-vector classifier learns from one feature of the
 * model's own outputs to tell retained from unseen samples; efficacy = TN / |S|, the share of the forget set that it calls non-members.
 *
 * Gaussian kernel, C = 3, gamma = 1 / d, no class weights, see {@link fitSupportVectorMachine}; a decision value of 0 counts as member. Papers report the feature
 * `"confidence"`, times 100. There are no shadow models. Higher is not better: the target is a retrained model's value, which for a random forget set is
 * far below 1. The published code takes the *first* members of the training set; draw them at random instead.
 *
 * About O(n^2) to O(n^3) in members and non-members; {@link thresholdEfficacy} is the O(n log n) stand-in.
 *
 * Jia et al. 2023, Model Sparsity Can Simplify Machine Unlearning; Fan et al. 2024, SalUn.
 *
 * @returns null when one of the sets is empty.
 * @throws LetheError `metrics/shape-mismatch`, `metrics/nan-score`.
 * @example
 * const confidence = (...values: number[]) => ({ shape: [values.length, 1], values: Float64Array.from(values) });
 * svcAttack({ members: confidence(0.9, 1, 0.95), nonMembers: confidence(0.2, 0.4, 0.1), forget: confidence(0.3, 0.9) })?.efficacy; // 0.5
 */
export function svcAttack({ members, nonMembers, forget }: SvcAttackInput): SvcAttack | null {
  const machine = fitSupportVectorMachine({ members, nonMembers }, { penalty: 3 });
  if (machine === null || forget.shape[0] === 0) return null;
  const decisionValues = machine.decide(forget);
  const rejected = decisionValues.filter((value) => value < 0).length;
  return {
    efficacy: rejected / decisionValues.length,
    decisionValues,
    intercept: machine.intercept,
    supportVectorCounts: machine.supportVectorCounts,
  };
}
