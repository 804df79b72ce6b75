import { createContext, fromHost } from "@lethe/core";
import * as tf from "@tensorflow/tfjs";
import { hessianVectorProduct } from "@lethe/core/autodiff";
import {
  diagonal,
  empiricalFisher,
  generalisedGaussNewton,
  hessian,
  trueFisher,
  type CurvatureOperator,
  type CurvatureOptions,
} from "@lethe/core/curvature";
import { drawn, drawnTensor } from "./drawn.ts";
import { models, networks, type ModelAndData } from "./networks.ts";
import { tensorCase, type ParityCase, type ParityGroup, type Results } from "./parity-case.ts";

/** Hessian-vector products of losses written with tfjs's own functions. */
const networkProducts: readonly ParityCase[] = Object.entries(networks).map(([name, { shapes, loss }]) =>
  tensorCase("second derivatives", `network: ${name}`, () => {
    const tree = (seed: number) =>
      Object.fromEntries(shapes.map((shape, position) => [`p${position}`, drawnTensor(shape, seed + position, -0.5, 0.5)]));
    return Object.values(hessianVectorProduct((parameters) => loss(...Object.values(parameters)), tree(71), tree(81)));
  }),
);

type Matrix = (model: ModelAndData["model"], data: ModelAndData["data"], options: CurvatureOptions) => CurvatureOperator;

/**
 * C v of a model's curvature over its data, in batches that do not divide the samples evenly. Without the ResNet, whose parts are those of the small CNN
 * and the other networks: a GPU in software would take minutes to compile what it needs.
 */
function matrixProduct(
  group: ParityGroup,
  name: string,
  matrix: Matrix,
  read: (operator: CurvatureOperator) => Promise<Results>,
): readonly ParityCase[] {
  return Object.entries(models)
    .filter(([network]) => network !== "ResNet-8")
    .map(([network, make]) => ({
      group,
      name: `${name} of a ${network}`,
      async compute() {
        const { model, data } = make();
        try {
          return await read(matrix(model, data, { context: createContext(), batchSize: 5 }));
        } finally {
          model.dispose();
        }
      },
    }));
}

async function product(operator: CurvatureOperator): Promise<Results> {
  const vector = fromHost(
    Object.fromEntries(
      Object.entries(operator.parameters).map(([name, { shape }], position) => [
        name,
        { shape, values: Float32Array.from(drawn(shape, 91 + position).values) },
      ]),
    ),
  );
  try {
    return await operator.applyToHost(vector);
  } finally {
    tf.dispose(vector as tf.TensorContainer);
  }
}

export const secondDerivativeCases: readonly ParityCase[] = [
  ...networkProducts,
  ...matrixProduct("second derivatives", "Hessian", hessian, product),
  ...matrixProduct("second derivatives", "Gauss-Newton matrix", generalisedGaussNewton, product),
];

export const fisherCases: readonly ParityCase[] = [
  ...matrixProduct("Fisher", "diagonal of the empirical Fisher matrix", empiricalFisher, async (operator) => (await diagonal(operator)).values),
  ...matrixProduct("Fisher", "empirical Fisher matrix", empiricalFisher, product),
  ...matrixProduct("Fisher", "true Fisher matrix", trueFisher, product),
];
