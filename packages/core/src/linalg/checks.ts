import { LetheError } from "../errors/index.ts";
import type { LinearOperator } from "./operator.ts";

/** @throws LetheError `linalg/dimension-mismatch`, `linalg/non-finite`. */
export function expectVector(what: string, vector: Float64Array, dimension: number): void {
  if (vector.length !== dimension) {
    throw new LetheError(
      "linalg/dimension-mismatch",
      `${what} has ${vector.length} entries where the operator takes ${dimension}; give one of that size.`,
      {
        length: vector.length,
        dimension,
      },
    );
  }
  const bad = vector.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  throw new LetheError("linalg/non-finite", `${what} holds ${vector[bad]} at entry ${bad}; mend what computed it.`, {
    entry: bad,
    value: vector[bad],
  });
}

/** @throws LetheError `linalg/not-symmetric` where a solver needs a symmetric operator and is given another. */
export function expectSymmetricOperator(solver: string, operator: LinearOperator): void {
  if (operator.symmetric === "yes") return;
  throw new LetheError("linalg/not-symmetric", `${solver} needs a symmetric operator, and this one says that it is not; symmetrise it first.`, {
    solver,
  });
}

/**
 * `operator.apply`, its answer checked: one NaN would spread through a solver and come out as a solution.
 *
 * @throws LetheError `linalg/dimension-mismatch`, `linalg/non-finite`.
 */
export async function apply(operator: LinearOperator, vector: Float64Array): Promise<Float64Array> {
  const product = await operator.apply(vector);
  expectVector("The operator's product", product, operator.dimension);
  return product;
}

/** @throws LetheError `linalg/bad-option` unless the number is finite and greater than zero. */
export function expectPositive(name: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return;
  throw badOption(name, value, "a finite number greater than 0");
}

/** @throws LetheError `linalg/bad-option` unless the number is finite and not negative. */
export function expectNonNegative(name: string, value: number): void {
  if (Number.isFinite(value) && value >= 0) return;
  throw badOption(name, value, "a finite number of at least 0");
}

/** @throws LetheError `linalg/bad-option` unless the number is an integer of at least `least`. */
export function expectCount(name: string, value: number, least = 1): void {
  if (Number.isInteger(value) && value >= least) return;
  throw badOption(name, value, `an integer of at least ${least}`);
}

function badOption(name: string, value: number, wanted: string): LetheError {
  return new LetheError("linalg/bad-option", `${name} is ${value}; it must be ${wanted}.`, { option: name, value });
}
