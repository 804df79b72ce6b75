import { LetheError } from "../errors/index.ts";
import { symmetrise, type LinearOperator, type Matrix } from "../linalg/index.ts";
import type { CurvatureOperator } from "./operator.ts";

/** Most parameters for which all d^2 entries are computed: 200 MB of float64. */
const largestDimension = 5000;

/** Relative to the largest entry, what float32 rounding of a product may come to. */
const asymmetryOfFloat32 = 1e-3;

/**
 * C as a matrix `[d, d]` float64, from d products: for small models, and for tests. Its columns differ from its rows by float32 rounding, so it is
 * made symmetric, C := (C + C^T) / 2, once it has been seen that they differ by no more than that.
 *
 * @throws LetheError `curvature/too-large` for more than 5,000 parameters; `curvature/not-symmetric` where C and its transpose differ by more than
 * 1e-3 of the largest entry, which is a defect of the operator or of a gradient that somebody registered.
 *
 * @param onColumn told after each product, with how many there have been.
 *
 * @example
 * const matrix = await denseMatrix(hessian(model, data, { context, batchSize: 8 }));
 * matrix.shape; // [12, 12]
 */
export async function denseMatrix(operator: CurvatureOperator | LinearOperator, onColumn?: (done: number) => void): Promise<Matrix> {
  const { dimension, apply } = "toLinearOperator" in operator ? operator.toLinearOperator() : operator;
  if (dimension > largestDimension) {
    throw new LetheError(
      "curvature/too-large",
      `All entries of a matrix over ${dimension} parameters are too many (the most is ${largestDimension}); use products, or the diagonal.`,
      { dimension, largest: largestDimension },
    );
  }
  const values = new Float64Array(dimension * dimension);
  const unit = new Float64Array(dimension);
  for (let i = 0; i < dimension; i++) {
    unit[i] = 1;
    values.set(await apply(unit), i * dimension);
    unit[i] = 0;
    onColumn?.(i + 1);
  }
  const matrix: Matrix = { shape: [dimension, dimension], values };
  const asymmetry = relativeAsymmetry(matrix);
  if (asymmetry > asymmetryOfFloat32) {
    throw new LetheError(
      "curvature/not-symmetric",
      `The matrix differs from its transpose by ${asymmetry.toExponential(1)} of its largest entry; some gradient is not the derivative of its kernel.`,
      { asymmetry },
    );
  }
  return symmetrise(matrix);
}

/** max |c_ij - c_ji| / max |c_ij|. */
function relativeAsymmetry({ shape: [dimension], values }: Matrix): number {
  let [largest, difference] = [0, 0];
  for (let i = 0; i < dimension; i++) {
    for (let j = 0; j < dimension; j++) {
      largest = Math.max(largest, Math.abs(values[i * dimension + j]));
      difference = Math.max(difference, Math.abs(values[i * dimension + j] - values[j * dimension + i]));
    }
  }
  return largest === 0 ? 0 : difference / largest;
}
