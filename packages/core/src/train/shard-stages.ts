/**
 * Epochs of each stage of a shard of R slices, the first stage first. Stage r goes over the slices 1 .. r, so that with
 *
 *     e_r = floor(r a) - floor((r - 1) a),   a = 2 E / (R + 1)
 *
 * epochs the whole is the work of E epochs over the shard, give or take less than one where a is not whole (Bourtoule et al. 2021, section VII; their code).
 *
 * @param epochs E, whole. @param slices R, whole.
 * @example
 * stageEpochs(20, 3); // [10, 10, 10]
 * stageEpochs(20, 5); // [6, 7, 7, 6, 7]
 */
export function stageEpochs(epochs: number, slices: number): readonly number[] {
  const until = (stage: number) => Math.floor((2 * epochs * stage) / (slices + 1));
  return Array.from({ length: slices }, (_, stage) => until(stage + 1) - until(stage));
}
