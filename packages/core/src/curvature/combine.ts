import { LetheError } from "../errors/index.ts";
import { addInto, hostZeros, mapHost, toHost, type HostTree } from "../tree/index.ts";
import { dimensionOf, type ParameterShapes } from "./flatten.ts";
import { curvatureOperator, type CurvatureOperator } from "./operator.ts";

/** `weight` times `operator`. */
export interface CurvatureTerm {
  readonly operator: CurvatureOperator;
  readonly weight: number;
}

/**
 * C + lambda I.
 *
 * @param lambda in units of C, at least 0.
 * @throws LetheError `curvature/weight`.
 *
 * @example
 * const operator = dampedCurvature(generalisedGaussNewton(model, data, { context, batchSize: 4 }), 0.1);
 * operator.definiteness; // "positive-semidefinite"
 */
export function dampedCurvature(operator: CurvatureOperator, lambda: number): CurvatureOperator {
  if (!(lambda >= 0 && lambda < Infinity)) {
    throw new LetheError("curvature/weight", `The damping is ${lambda}; it must be a finite number of at least 0.`, { lambda });
  }
  const { parameters, definiteness, exactDiagonal } = operator;
  return curvatureOperator({
    parameters,
    definiteness,
    product: async (vector) => {
      const sum = await operator.applyToHost(vector);
      const own = await toHost(vector);
      return mapHost(sum, (value, name, at) => value + lambda * own[name].values[at]);
    },
    exactDiagonal: exactDiagonal && (async () => mapHost(await exactDiagonal(), (value) => value + lambda)),
  });
}

/**
 * w_1 C_1 + w_2 C_2 + ..., summed in float64. With the Hessians of all n samples and of n_e erased ones, the weights n / n_r and -n_e / n_r give that
 * of the n_r retained ones.
 *
 * @throws LetheError `curvature/weight` unless there is at least one term and all weights are finite, `curvature/vector` unless all are over the same parameters.
 *
 * @example
 * const operator = hessian(model, data, { context, batchSize: 4 });
 * combineCurvature([{ operator, weight: 2 }, { operator, weight: -1 }]).dimension; // 12
 */
export function combineCurvature(terms: readonly CurvatureTerm[]): CurvatureOperator {
  const weights = terms.map(({ weight }) => weight);
  if (terms.length === 0 || !weights.every(Number.isFinite)) {
    throw new LetheError("curvature/weight", `The weights are [${weights.join(", ")}]; give at least one term, and finite weights.`, { weights });
  }
  const { parameters } = terms[0].operator;
  if (terms.some(({ operator }) => describe(operator.parameters) !== describe(parameters))) {
    throw new LetheError("curvature/vector", "The terms are over different parameters; make all of them from one model.", {
      dimensions: terms.map(({ operator }) => dimensionOf(operator.parameters)),
    });
  }
  const sum = async (part: (operator: CurvatureOperator) => Promise<HostTree>): Promise<HostTree> => {
    const total = hostZeros(parameters);
    for (const { operator, weight } of terms)
      addInto(
        total,
        mapHost(await part(operator), (value) => weight * value),
      );
    return total;
  };
  const semidefinite = terms.every(({ operator, weight }) => weight >= 0 && operator.definiteness === "positive-semidefinite");
  const diagonals = new Map(terms.flatMap(({ operator }) => (operator.exactDiagonal ? [[operator, operator.exactDiagonal] as const] : [])));
  return curvatureOperator({
    parameters,
    definiteness: semidefinite ? "positive-semidefinite" : "unknown",
    product: (vector) => sum((operator) => operator.applyToHost(vector)),
    exactDiagonal: terms.every(({ operator }) => diagonals.has(operator)) ? () => sum((operator) => diagonals.get(operator)!()) : undefined,
  });
}

function describe(parameters: ParameterShapes): string {
  return JSON.stringify(Object.entries(parameters).map(([name, { shape }]) => [name, shape]));
}
