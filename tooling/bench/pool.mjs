// @ts-check
import { chooseBackend } from "@lethe/backends";
import { createWasmPool } from "@lethe/backends/pool";
import { createContext, crossEntropyObjective, gradientSum, perSampleMoments } from "@lethe/core";
import { medianOfPairs } from "./pairs.mjs";
import { network, noise } from "./problems.mjs";

const objective = crossEntropyObjective("softmax-cross-entropy");

/** @typedef {import("@lethe/core").Pool} Pool */
/** @typedef {"gradient" | "fisher"} Pass */

/**
 * A pass over 256 samples by one worker in units of the same by two: ResNet-8, width 16, 32x32x3, batch 32. The machine must have two cores to spare.
 *
 * @param {Pass} pass
 */
export async function twoWorkersSpeedup(pass) {
  await chooseBackend({ name: "wasm" });
  const model = network("resnet8", [32, 32, 3]);
  const data = noise(256);
  const [one, two] = await Promise.all([1, 2].map((workers) => createWasmPool({ workers })));
  /** @param {Pool} pool */
  const run = (pool) => {
    const options = { context: createContext({ pool }), batchSize: 32, phase: "bench" };
    return pass === "gradient" ? gradientSum(model, data, objective, options) : perSampleMoments(model, data, { ...options, objective, power: 2 });
  };
  try {
    return await medianOfPairs(
      () => run(/** @type {Pool} */ (one)),
      () => run(/** @type {Pool} */ (two)),
      { pairs: 5, warmup: 1 },
    );
  } finally {
    await Promise.all([one?.close(), two?.close()]);
  }
}
