import { apply, expectSymmetricOperator } from "../checks.ts";
import type { LinearOperator } from "../operator.ts";
import { divided, dot, norm, scaled } from "../vector.ts";
import { expectCubicProblem } from "./model.ts";

export interface CauchyPoint {
  /** `-radius g / ||g||`. */
  readonly step: Float64Array;
  /** Length of the step. */
  readonly radius: number;
  /** m(step), never above 0. */
  readonly modelValue: number;
  /** H step, at hand from the one product that it took. */
  readonly product: Float64Array;
}

/**
 * The minimiser of the cubic model along the negative gradient, `radius = -q + sqrt(q^2 + 2 ||g|| / M)` with `q = g.H g / (M ||g||^2)`: any solver
 * must end below it. One product.
 *
 * @param cubicConstant M, greater than 0.
 * @throws LetheError `linalg/not-symmetric`, `linalg/bad-option`, `linalg/dimension-mismatch`, `linalg/non-finite`.
 *
 * @example
 * const hessian = denseOperator(matrixFromRows([[2, 0], [0, 1]]));
 * const { radius, modelValue } = await cauchyPoint(hessian, Float64Array.of(1, 1), { cubicConstant: 6 });
 * radius; // 0.480688
 * modelValue; // -0.395432
 */
export async function cauchyPoint(
  operator: LinearOperator,
  gradient: Float64Array,
  { cubicConstant }: { readonly cubicConstant: number },
): Promise<CauchyPoint> {
  expectSymmetricOperator("cauchyPoint", operator);
  expectCubicProblem(gradient, operator.dimension, cubicConstant);
  const length = norm(gradient);
  if (length === 0) return { step: new Float64Array(gradient.length), radius: 0, modelValue: 0, product: new Float64Array(gradient.length) };
  const unit = divided(gradient, length);
  const image = await apply(operator, unit);
  const curvature = dot(unit, image);
  const radius = positiveRoot(curvature / cubicConstant, (2 * length) / cubicConstant);
  return {
    step: scaled(-radius, unit),
    radius,
    modelValue: -length * radius + (curvature / 2) * radius ** 2 + (cubicConstant / 6) * radius ** 3,
    product: scaled(-radius, image),
  };
}

/** The positive root of `x^2 + 2 half x - constant`, without subtracting two numbers that are nearly equal. */
function positiveRoot(half: number, constant: number): number {
  const root = Math.hypot(half, Math.sqrt(constant));
  return half > 0 ? constant / (half + root) : root - half;
}
