import { LetheError } from "../errors/index.ts";
import { estimateDiagonal, type ProbeOptions } from "../linalg/index.ts";
import type { HostTree } from "../tree/index.ts";
import { unflattenTree } from "./flatten.ts";
import type { CurvatureOperator } from "./operator.ts";

export interface Diagonal {
  readonly values: HostTree;
  /** Of an estimate; an exact diagonal has none. */
  readonly standardErrors?: HostTree;
}

/**
 * The diagonal of C, per parameter, float64.
 *
 * Without probes it is exact: one pass for the empirical Fisher matrix, c passes for Gauss-Newton with c classes, sums of these for what is
 * combined of them. With probes it is the mean of z * C z over random signs z (Bekas, Kokiopoulou and Saad 2007), one product each, for any C and
 * any number of classes; its error falls with the root of the number of probes. Of a small model, take the diagonal of {@link denseMatrix}.
 *
 * @throws LetheError `curvature/probes-needed` where no exact way is known, as for the Hessian; `linalg/bad-option` for fewer than two probes.
 *
 * @example
 * const probes = { probes: 4, random: context.random };
 * const { standardErrors } = await diagonal(hessian(model, data, { context, batchSize: 8 }), probes);
 * Object.keys(standardErrors).length; // 2
 */
export async function diagonal(operator: CurvatureOperator, probes?: ProbeOptions): Promise<Diagonal> {
  if (probes === undefined) {
    if (operator.exactDiagonal) return { values: await operator.exactDiagonal() };
    throw new LetheError("curvature/probes-needed", "The diagonal of this matrix can only be estimated; say with how many probes.");
  }
  const estimate = await estimateDiagonal(operator.toLinearOperator(), probes);
  return {
    values: unflattenTree(estimate.diagonal, operator.parameters),
    standardErrors: unflattenTree(estimate.standardErrors, operator.parameters),
  };
}
