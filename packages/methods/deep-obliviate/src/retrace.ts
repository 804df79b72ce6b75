import type { HostTree, TensorDifference } from "@lethe/core";
import { residualMemory } from "./residual.ts";
import { mayStop, readTrend, type StoppingRule, type TrendReading } from "./stopping.ts";

/** A stretch of training that is to be gone over again: the blocks d, d + 1, ..., B as 0, 1, ..., `blocks` - 1. */
export interface Stretch {
  readonly blocks: number;
  /** The last of them that loses a sample. */
  readonly lastAffected: number;
  /** P_{d-1}: strictly before the first affected block. */
  readonly start: HostTree;
  /** The snapshots before and after a block in the original course, tensor by tensor. */
  original(block: number): AsyncIterable<TensorDifference>;
  /** P'_k: the parameters after a block, trained without the forgotten samples from where the block before ended. */
  retrain(block: number): Promise<HostTree>;
}

/** One block that was gone over again. */
export interface RetracedBlock {
  readonly block: number;
  /** Delta_k */
  readonly residual: number;
  readonly trend: TrendReading;
  /** P'_k */
  readonly parameters: HostTree;
  /** Whether this was the last one: by the rule, or because there are no more. */
  readonly isLast: boolean;
  /** Whether the rule said so. */
  readonly isStopped: boolean;
}

/**
 * Retrains block after block until the trend of the residuals is flat: |Y'(k)| < eps, strictly, not before `minimumPoints` residuals nor before the last
 * affected block.
 */
export async function* retrace(stretch: Stretch, rule: StoppingRule): AsyncGenerator<RetracedBlock, void, undefined> {
  const residuals: number[] = [];
  const readings: TrendReading[] = [];
  let before = stretch.start;
  for (let block = 0; block < stretch.blocks; block++) {
    const parameters = await stretch.retrain(block);
    const residual = await residualMemory(stretch.original(block), before, parameters);
    residuals.push(residual);
    const left = stretch.blocks - block - 1;
    const trend = readTrend(residuals, rule, left);
    readings.push(trend);
    const isStopped = left > 0 && block >= stretch.lastAffected && mayStop(readings, rule);
    const isLast = left === 0 || isStopped;
    yield { block, residual, trend, parameters, isLast, isStopped };
    if (isLast) return;
    before = parameters;
  }
}
