// @ts-check
import { chooseBackend } from "@lethe/backends";
import { createContext, createRandom } from "@lethe/core";
import { scopedLosses } from "@lethe/core/curvature";
import { medianOfPairs } from "./pairs.mjs";
import { fashion, network } from "./problems.mjs";

/** A module of the package's build, without an entry of its own. */
const walks = () => import(new URL("../../packages/methods/cure-newton/dist/stochastic.js", import.meta.url).href);

/** One stochastic cubic step over all weights, n1 = 128, n2 = 64 and 5 inner steps, over one gradient of the same n1 samples. */
export async function outerStepOverGradient() {
  await chooseBackend();
  const data = await fashion();
  const model = network("small-cnn", [28, 28, 1]);
  const { stochasticWalk } = await walks();
  const losses = await scopedLosses(model, "all", data, { context: createContext(), batchSize: 128 });
  const loss = await losses.on(data);
  const batch = createRandom(1).sample(data.size, 128);
  const paper = { cubicConstant: 5, adaptation: "fixed", solver: "gradient-descent", innerSteps: 5, innerRate: 0.01, perturbation: 0.1 };
  const options = { ...paper, steps: 1, gradientBatch: 128, hessianBatch: 64, random: createRandom(2) };
  return medianOfPairs(
    () => stochasticWalk(loss, loss.current, options),
    () => loss.gradient(loss.current, batch),
    { pairs: 15, warmup: 3 },
  );
}
