// @ts-check
import { chooseBackend } from "@lethe/backends";
import { createContext, createRandom, crossEntropyObjective, fromHost, gradientSum, mapHost, subset, toHost } from "@lethe/core";
import { generalisedGaussNewton, hessian } from "@lethe/core/curvature";
import { lanczos } from "@lethe/core/linalg";
import { medianOfPairs } from "./pairs.mjs";
import { fashion, network } from "./problems.mjs";

const objective = crossEntropyObjective("softmax-cross-entropy");

/** 256 images of 28 x 28 in batches of 128, on the backend that Lethe would choose. @param {string} id */
async function problem(id) {
  await chooseBackend();
  const model = network(id, [28, 28, 1]);
  const data = subset(
    await fashion(),
    Uint32Array.from({ length: 256 }, (_, index) => index),
  );
  const options = { context: createContext(), batchSize: 128 };
  const random = createRandom("direction");
  const direction = fromHost(mapHost(await toHost(model.parameters), () => random.normal()));
  return { model, data, options, direction, random };
}

/** One product of the named matrix with a vector, over one plain gradient of the same data. @param {typeof hessian} matrix @param {string} id */
async function productOverGradient(matrix, id) {
  const { model, data, options, direction } = await problem(id);
  const operator = matrix(model, data, options);
  return medianOfPairs(
    () => operator.applyToHost(direction),
    () => gradientSum(model, data, objective, { ...options, phase: "bench" }),
    { pairs: 15, warmup: 3 },
  );
}

/** @param {string} id */
export const hessianOverGradient = (id) => productOverGradient(hessian, id);

/** @param {string} id */
export const gaussNewtonOverGradient = (id) => productOverGradient(generalisedGaussNewton, id);

/** Lanczos with full re-orthogonalisation, 20 steps, over 20 products alone, all of the small CNN's Hessian. */
export async function lanczosOverProducts() {
  const { model, data, options, random } = await problem("small-cnn");
  const operator = hessian(model, data, options).toLinearOperator();
  const start = Float64Array.from({ length: operator.dimension }, () => random.normal());
  for (let i = 0; i < 3; i++) await operator.apply(start);
  return medianOfPairs(
    () => lanczos(operator, start, { steps: 20 }),
    async () => {
      for (let i = 0; i < 20; i++) await operator.apply(start);
    },
    { pairs: 3, warmup: 0 },
  );
}
