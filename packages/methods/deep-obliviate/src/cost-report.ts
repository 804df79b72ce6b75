/** What answering a request took, beside retraining. */
export interface CostReport {
  readonly blocksRedone: number;
  /** Blocks from the first affected one to the last of the training. */
  readonly blocksFromFirst: number;
  readonly blocks: number;
  /** Samples through forward and backward, a sample that goes through twice counted twice. */
  readonly samplePasses: number;
  /** Of these, those that went into snapshots which the budget had given up. */
  readonly recomputedSamplePasses: number;
  /** The same, for block-wise retraining from scratch on the retained data. */
  readonly retrainingSamplePasses: number;
  /** retrainingSamplePasses / samplePasses; null where nothing was retrained. */
  readonly speedUp: number | null;
  /** That the trajectory takes after the request. */
  readonly bytesStored: number;
}

/**
 * @example
 * const blocks = { blocksRedone: 2, blocksFromFirst: 5, blocks: 10 };
 * costReport({ ...blocks, samplePasses: 40, recomputedSamplePasses: 0, retrainingSamplePasses: 200, bytesStored: 0 }).speedUp; // 5
 */
export function costReport(counts: Omit<CostReport, "speedUp">): CostReport {
  const { samplePasses, retrainingSamplePasses } = counts;
  return { ...counts, speedUp: samplePasses === 0 ? null : retrainingSamplePasses / samplePasses };
}
