// @ts-check
import { chooseBackend } from "@lethe/backends";
import { createContext, crossEntropyObjective, gradientSum, naivePerSampleMoments, perSampleMoments } from "@lethe/core";
import { medianOfPairs } from "./pairs.mjs";
import { network, noise } from "./problems.mjs";

const objective = crossEntropyObjective("softmax-cross-entropy");

/** ResNet-8, width 16, 32x32x3, batch 32, on the backend that Lethe would choose. */
async function passes() {
  await chooseBackend();
  const model = network("resnet8", [32, 32, 3]);
  const data = noise(64);
  const options = () => ({ context: createContext(), batchSize: 32, phase: "bench", objective, power: /** @type {const} */ (2) });
  return {
    gradient: () => gradientSum(model, data, objective, options()),
    exact: () => perSampleMoments(model, data, options()),
    naive: () => naivePerSampleMoments(model, data, options()),
  };
}

export async function exactOverGradient() {
  const { exact, gradient } = await passes();
  return medianOfPairs(exact, gradient, { pairs: 15, warmup: 2 });
}

export async function naiveOverExact() {
  const { naive, exact } = await passes();
  return medianOfPairs(naive, exact, { pairs: 7, warmup: 1 });
}
