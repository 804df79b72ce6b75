import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decodeSafetensors } from "../../io/index.ts";
import { createRandom } from "../../random/index.ts";
import { relativeError } from "../fixtures/problems.ts";
import { jacobiEigen } from "../jacobi.ts";
import { denseOperator } from "../operator.ts";
import { norm } from "../vector.ts";
import { cubicExact } from "./exact.ts";
import { cubicKrylov } from "./krylov.ts";

interface Golden {
  readonly name: string;
  readonly n: number;
  readonly kind: string;
  readonly M: number;
  readonly lambda: number;
  readonly objective: number;
  readonly step_norm: number;
  readonly minimiser_unique: boolean;
}

const read = (name: string) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));
const { cases } = JSON.parse(read("cubic.json").toString()) as { readonly cases: readonly Golden[] };
const { tensors } = decodeSafetensors(read("cubic.safetensors"));
const problem = ({ name, n }: Golden) => ({
  hessian: { shape: [n, n] as const, values: tensors[`${name}/H`].values as Float64Array },
  gradient: tensors[`${name}/g`].values as Float64Array,
  step: tensors[`${name}/s`].values as Float64Array,
});
const relative = (value: number, expected: number) => Math.abs(value - expected) / Math.abs(expected);

describe("golden cubic problems", () => {
  it("are all there", () => {
    expect(cases).toHaveLength(20);
    expect(cases.filter((each) => !each.minimiser_unique)).toHaveLength(5);
  });

  it.each(cases)("exact: $name", (golden) => {
    const { hessian, gradient, step } = problem(golden);
    const found = cubicExact(hessian, gradient, { cubicConstant: golden.M });
    expect(found.status).toBe("converged");
    expect(relative(found.modelValue, golden.objective)).toBeLessThan(1e-12);
    expect(relative(found.lambda, golden.lambda)).toBeLessThan(1e-12);
    expect(relative(norm(found.step), golden.step_norm)).toBeLessThan(1e-12);
    expect(found.residuals.stationarity).toBeLessThan(1e-12);
    expect(found.residuals.norm).toBeLessThan(1e-12);
    const spectrum = jacobiEigen(hessian).values;
    expect(spectrum[0] + found.lambda).toBeGreaterThan(-1e-12 * Math.max(-spectrum[0], spectrum[golden.n - 1]));
    expect(found.minimiser).toBe(golden.minimiser_unique ? "unique" : "one-of-several");
    // Near the hard case the step is worth only the digits in which lambda and -lambda_min differ.
    if (golden.minimiser_unique) expect(relativeError(found.step, step)).toBeLessThan(golden.kind === "near_hard" ? 1e-7 : 1e-11);
  });

  it.each(cases)("Krylov with a random direction: $name", async (golden) => {
    const { hessian, gradient } = problem(golden);
    const options = { cubicConstant: golden.M, relativeTolerance: 1e-9, random: createRandom(1) };
    const found = await cubicKrylov(denseOperator(hessian), gradient, options);
    expect(found.status).toBe("converged");
    expect(relative(found.modelValue, golden.objective)).toBeLessThan(1e-9);
    expect(relative(norm(found.step), golden.step_norm)).toBeLessThan(1e-7);
  });

  it("Krylov from the gradient alone misses hard cases, and claims none that it missed", async () => {
    const claims: boolean[] = [];
    for (const golden of cases.filter(({ kind }) => kind.startsWith("hard"))) {
      const { hessian, gradient } = problem(golden);
      const found = await cubicKrylov(denseOperator(hessian), gradient, { cubicConstant: golden.M });
      // Where rounding leads the space everywhere in the end, nothing is missed.
      const reached = relative(found.modelValue, golden.objective) < 1e-9;
      expect(found.status, golden.name).toBe(reached ? "converged" : "stationary");
      claims.push(reached);
    }
    expect(claims.filter((claimed) => !claimed).length).toBeGreaterThanOrEqual(3);
  });
});
