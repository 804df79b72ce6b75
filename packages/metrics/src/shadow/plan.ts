import { createRandom, LetheError, type Random } from "@lethe/core";

export interface ShadowPlanInput {
  /** How many samples there are to draw training sets from; samples are positions in this pool. */
  readonly poolSize: number;
  /** Shadow models to fit the attack to; even, at least 4. */
  readonly models: number;
  /** Models held out to be attacked; even, at least 2. */
  readonly targets: number;
  /** Unlearning runs per model, each with a forget set of its own. */
  readonly forgetSets: number;
  readonly forgetSize: number;
  /** Pool positions that may be attacked, for instance those of one class. Left out, all. */
  readonly candidates?: ArrayLike<number>;
  readonly seed: number | string;
}

/** One model to train, and what to unlearn from it. */
export interface PlannedModel {
  readonly role: "shadow" | "target";
  /** Pool positions of its training set, increasing. */
  readonly members: Uint32Array;
  /** Pool positions, increasing; disjoint, and all among the members. */
  readonly forgetSets: readonly Uint32Array[];
}

/** What carrying out a plan takes. The trainings serve every method and setting; the unlearnings are for each of them again. */
export interface ShadowPlanCost {
  readonly trainings: number;
  /** Samples per training set; of an odd pool, of the larger half. */
  readonly trainingSize: number;
  /** Per method and setting. As many retrainings make the control, in which retraining takes the place of unlearning. */
  readonly unlearnings: number;
  /** Values that each normal distribution is fitted to. */
  readonly valuesPerSample: { readonly forgotten: number; readonly neverSeen: number };
}

export interface ShadowPlan {
  /** Shadow models first, then targets. */
  readonly models: readonly PlannedModel[];
  /** Pool positions of the attacked samples, increasing: the columns of all scores. */
  readonly attacked: Uint32Array;
  readonly cost: ShadowPlanCost;
}

/**
 * Who trains on what and forgets what, for U-LiRA; nothing is run. The same input gives the same plan on every machine.
 *
 * 2 f k samples are attacked, f forget sets of k samples each. Models come in pairs that divide the pool, and the attacked samples within
 * it, into random halves; the f k attacked samples of a training set are then divided into f forget sets. So each attacked sample is in the
 * training set of exactly half of the models, and forgotten by exactly one run of each of those; every run of the other half is a run
 * that never saw it and unlearned something else, without which the attack would learn to see that anything was unlearned at all.
 *
 * The design of Hayes et al. 2024 with the random draws balanced, so that no sample is left with too few models.
 *
 * @throws LetheError `metrics/bad-plan` for sizes that do not fit together.
 * @example
 * const plan = planShadows({ poolSize: 1000, models: 16, targets: 4, forgetSets: 5, forgetSize: 20, seed: 1 });
 * plan.cost; // { trainings: 20, trainingSize: 500, unlearnings: 100, valuesPerSample: { forgotten: 8, neverSeen: 40 } }
 * plan.attacked.length; // 200
 */
export function planShadows(input: ShadowPlanInput): ShadowPlan {
  const { poolSize, models, targets, forgetSets, forgetSize, seed } = input;
  checkSizes(input);
  const candidates = Uint32Array.from(input.candidates ?? { length: poolSize }, (position, i) => (input.candidates === undefined ? i : position));
  const random = createRandom(seed).split("shadow plan");
  const attacked = random
    .split("attacked")
    .sample(candidates.length, 2 * forgetSets * forgetSize)
    .map((i) => candidates[i])
    .toSorted();
  const isAttacked = new Set(attacked);
  const others = Uint32Array.from({ length: poolSize }, (_, i) => i).filter((position) => !isAttacked.has(position));

  const planned = Array.from({ length: (models + targets) / 2 }, (_, pair) => {
    const stream = random.split("pair", pair);
    const rest = halves(stream.split("others"), others);
    const role = 2 * pair < models ? ("shadow" as const) : ("target" as const);
    return halves(stream.split("attacked"), attacked).map((chosen, half): PlannedModel => ({
      role,
      members: Uint32Array.from([...chosen, ...rest[half]]).toSorted(),
      forgetSets: Array.from({ length: forgetSets }, (_, set) => chosen.slice(set * forgetSize, (set + 1) * forgetSize).toSorted()),
    }));
  }).flat();
  return {
    models: planned,
    attacked,
    cost: {
      trainings: models + targets,
      trainingSize: Math.ceil(poolSize / 2),
      unlearnings: (models + targets) * forgetSets,
      valuesPerSample: { forgotten: models / 2, neverSeen: (models / 2) * forgetSets },
    },
  };
}

/** Two random halves, in random order; the second one is larger by one if the number is odd. */
function halves(random: Random, positions: Uint32Array): readonly [Uint32Array, Uint32Array] {
  const shuffled = random.permutation(positions.length).map((i) => positions[i]);
  const middle = shuffled.length >> 1;
  return [shuffled.slice(0, middle), shuffled.slice(middle)];
}

function checkSizes({ poolSize, models, targets, forgetSets, forgetSize, candidates }: ShadowPlanInput): void {
  const refuse = (sentence: string) => {
    throw new LetheError("metrics/bad-plan", sentence, { poolSize, models, targets, forgetSets, forgetSize, candidates: candidates?.length });
  };
  const whole = [poolSize, models, targets, forgetSets, forgetSize].every((size) => Number.isInteger(size) && size >= 1);
  if (!whole) refuse("All sizes of a plan must be whole numbers from 1 on.");
  if (models < 4 || models % 2 === 1) refuse(`Shadow models come in pairs, at least two of them; there are to be ${models}.`);
  if (targets % 2 === 1) refuse(`Targets come in pairs; there are to be ${targets}.`);
  const positions = Array.from(candidates ?? []);
  const proper = positions.every((position) => Number.isInteger(position) && position >= 0 && position < poolSize);
  if (!proper || new Set(positions).size < positions.length) refuse("The candidates must be different positions in the pool.");
  const available = candidates?.length ?? poolSize;
  const needed = 2 * forgetSets * forgetSize;
  if (needed > available) refuse(`${forgetSets} forget sets of ${forgetSize} need ${needed} samples to attack, and there are ${available}.`);
}
