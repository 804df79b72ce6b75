/** Deletions that are expected, and what they will meet. */
export interface DeletionPlan {
  /** S */
  readonly shards: number;
  /** R, default 1. */
  readonly slices?: number;
  /** K, different samples drawn uniformly and answered together; default 1. */
  readonly deletions?: number;
}

/**
 * Shards that K uniform deletions meet, in expectation: S (1 - (1 - 1/S)^K).
 *
 * @example
 * expectedShards({ shards: 20, deletions: 5 }).toFixed(3); // "4.524"
 */
export function expectedShards({ shards, deletions = 1 }: DeletionPlan): number {
  return shards * (1 - (1 - 1 / shards) ** deletions);
}

/**
 * Share of the whole training's sample-passes that K uniform deletions make necessary, in expectation. A stage is redone if a deletion is in its shard
 * and in one of the slices up to its own, of which there are r of R S, and stage r is r / (1 + ... + R) of its shard's work:
 *
 *     sum_r r (1 - (1 - r / (R S))^K) / sum_r r
 *
 * For K = 1 it is (2 R + 1) / (3 R S): slicing alone saves a third at most. Holds for large data and shards by hash; where the stages' epochs
 * were rounded, up to that rounding.
 *
 * @example
 * expectedWork({ shards: 1, slices: 4 }); // 0.75
 * expectedWork({ shards: 20 }); // 0.05
 */
export function expectedWork({ shards, slices = 1, deletions = 1 }: DeletionPlan): number {
  let work = 0;
  let whole = 0;
  for (let stage = 1; stage <= slices; stage++) {
    work += stage * (1 - (1 - stage / (slices * shards)) ** deletions);
    whole += stage;
  }
  return work / whole;
}
