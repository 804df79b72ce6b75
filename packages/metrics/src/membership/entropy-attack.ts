import { fitLogisticRegression, type LogisticModel } from "./logistic-regression.ts";

/** Entropies of the softmax, in nats, of all samples of the three sets. */
export interface EntropyAttackInput {
  readonly retain: ArrayLike<number>;
  readonly test: ArrayLike<number>;
  readonly forget: ArrayLike<number>;
}

export interface EntropyAttack extends LogisticModel {
  /** Share of the forget set that the attack calls members, in [0, 1]. */
  readonly forgetMembers: number;
}

/** The published attack uses a two-class multinomial model with C = 1, whose optimum is that of a binary model with C = 2. */
const inverseRegularisation = 2;

/**
 * The membership score of Selective Synaptic Dampening: a classifier learns from the entropy of the output alone to tell retained training
 * samples (members) from test samples, and the score is the share of the forget set that it calls members.
 *
 * Balanced binary {@link fitLogisticRegression} with C = 2; member if w H + b > 0. Compare with the retrained model's share: pushing the
 * forget set to uniform output makes the share 0 and the forget set easy to spot.
 *
 * Foster, Schoepf, Brintrup 2024, Fast Machine Unlearning Without Retraining Through Selective Synaptic Dampening; the attack goes back to
 * Chundawat et al. 2023 (Bad Teacher), who use a support-vector machine.
 *
 * @returns null when one of the sets is empty.
 * @example
 * entropyAttack({ retain: [0.1, 0.2, 0.1], test: [0.9, 1.2], forget: [0.1, 1.5] })?.forgetMembers; // 0.5
 */
export function entropyAttack({ retain, test, forget }: EntropyAttackInput): EntropyAttack | null {
  const model = fitLogisticRegression({ members: retain, nonMembers: test }, inverseRegularisation);
  if (model === null || forget.length === 0) return null;
  let members = 0;
  for (let i = 0; i < forget.length; i++) if (model.coefficient * forget[i] + model.intercept > 0) members++;
  return { ...model, forgetMembers: members / forget.length };
}
