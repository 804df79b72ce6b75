import { describe, expect, it } from "vitest";
import { createRandom } from "../random/index.ts";
import * as linalg from "./index.ts";

const random = createRandom(1);
const { denseOperator, matrixFromRows } = linalg;
const identity = matrixFromRows([
  [1, 0],
  [0, 1],
]);
const operator = denseOperator(identity);
const lopsided = matrixFromRows([
  [1, 1],
  [0, 1],
]);
const notANumber = matrixFromRows([
  [1, 0],
  [0, Number.NaN],
]);
const vector = Float64Array.of(1, 1);
const broken: linalg.LinearOperator = { ...operator, apply: () => Float64Array.of(1, Number.NaN) };
const short: linalg.LinearOperator = { ...operator, apply: () => Float64Array.of(1) };
const cubic = { cubicConstant: 1 };
const descent = { ...cubic, stepSize: 0.1, iterations: 3 };
const fisher = { dimension: 2, count: 1, damping: 1 };

type Solver = (operator: linalg.LinearOperator, vector: Float64Array) => unknown;

/** Everything that takes an operator and a vector. */
const solvers: Record<string, Solver> = {
  conjugateGradients: (operator, vector) => linalg.conjugateGradients(operator, vector),
  minres: (operator, vector) => linalg.minres(operator, vector),
  neumann: (operator, vector) => linalg.neumann(operator, vector, { scale: 2 }),
  lanczos: (operator, vector) => linalg.lanczos(operator, vector, { steps: 2 }),
  cauchyPoint: (operator, vector) => linalg.cauchyPoint(operator, vector, cubic),
  cubicKrylov: (operator, vector) => linalg.cubicKrylov(operator, vector, cubic),
  cubicGradientDescent: (operator, vector) => linalg.cubicGradientDescent(operator, vector, descent),
};

/** And what takes an operator alone. */
const estimators: Record<string, Solver> = {
  extremeEigenpairs: (operator) => linalg.extremeEigenpairs(operator, { top: 1, random }),
  spectralDensity: (operator) => linalg.spectralDensity(operator, { probes: 2, steps: 2, random }),
  estimateTrace: (operator) => linalg.estimateTrace(operator, { probes: 2, random }),
  estimateDiagonal: (operator) => linalg.estimateDiagonal(operator, { probes: 2, random }),
};

const takesAnyOperator = ["neumann", "estimateTrace", "estimateDiagonal"];

/** Refusals by code, each of a call that would be right but for one thing. */
const refusals: Record<string, readonly (readonly [what: string, call: () => unknown])[]> = {
  "linalg/not-symmetric": [
    ["cholesky", () => linalg.cholesky(lopsided)],
    ["jacobiEigen", () => linalg.jacobiEigen(lopsided)],
    ["cubicExact", () => linalg.cubicExact(lopsided, vector, cubic)],
    ["a preconditioner", () => linalg.conjugateGradients(operator, vector, { preconditioner: denseOperator(lopsided) })],
    ...Object.entries({ ...solvers, ...estimators })
      .filter(([name]) => !takesAnyOperator.includes(name))
      .map(([name, solve]) => [name, () => solve(denseOperator(lopsided), vector)] as const),
  ],
  "linalg/non-finite": [
    ["denseOperator", () => denseOperator(notANumber)],
    ["symmetrise", () => linalg.symmetrise(notANumber)],
    ["cholesky", () => linalg.cholesky(notANumber)],
    ["jacobiEigen", () => linalg.jacobiEigen(notANumber)],
    ["cubicExact, Hessian", () => linalg.cubicExact(notANumber, vector, cubic)],
    ["cubicExact, gradient", () => linalg.cubicExact(identity, Float64Array.of(1, Infinity), cubic)],
    ["choleskySolve", () => linalg.choleskySolve(linalg.cholesky(identity), Float64Array.of(Number.NaN, 1))],
    ["scaledOperator", () => linalg.scaledOperator(operator, Number.NaN)],
    ["woodFisherInverse", () => linalg.woodFisherInverse([Float64Array.of(Number.NaN, 1)], fisher)],
    ["an initial vector", () => linalg.conjugateGradients(operator, vector, { initial: Float64Array.of(1, Number.NaN) })],
    ...Object.entries(solvers).map(([name, solve]) => [`${name}, vector`, () => solve(operator, Float64Array.of(1, Number.NaN))] as const),
    ...Object.entries({ ...solvers, ...estimators }).map(([name, solve]) => [`${name}, product`, () => solve(broken, vector)] as const),
  ],
  "linalg/dimension-mismatch": [
    ["matrixFromRows", () => matrixFromRows([[1, 2], [3]])],
    ["denseOperator.apply", () => operator.apply(Float64Array.of(1))],
    ["sumOperator", () => linalg.sumOperator([operator, denseOperator(matrixFromRows([[1]]))])],
    ["sumOperator of none", () => linalg.sumOperator([])],
    ["choleskySolve", () => linalg.choleskySolve(linalg.cholesky(identity), Float64Array.of(1))],
    ["cubicExact", () => linalg.cubicExact(identity, Float64Array.of(1), cubic)],
    ["woodFisherOperator", () => linalg.woodFisherOperator([Float64Array.of(1)], fisher)],
    ["an initial vector", () => linalg.conjugateGradients(operator, vector, { initial: Float64Array.of(1) })],
    ...Object.entries(solvers).map(([name, solve]) => [`${name}, vector`, () => solve(operator, Float64Array.of(1, 2, 3))] as const),
    ...Object.entries({ ...solvers, ...estimators }).map(([name, solve]) => [`${name}, product`, () => solve(short, vector)] as const),
  ],
  "linalg/not-square": [
    ["denseOperator", () => denseOperator(matrixFromRows([[1, 2]]))],
    ["cholesky", () => linalg.cholesky({ shape: [2, 2], values: Float64Array.of(1) })],
    ["cubicExact", () => linalg.cubicExact(matrixFromRows([[1], [2]]), vector, cubic)],
  ],
  "linalg/bad-option": [
    ...[0, -1, Number.NaN, Infinity].flatMap((cubicConstant) => [
      [`cubicExact, M = ${cubicConstant}`, () => linalg.cubicExact(identity, vector, { cubicConstant })] as const,
      [`cubicKrylov, M = ${cubicConstant}`, () => linalg.cubicKrylov(operator, vector, { cubicConstant })] as const,
      [`cubicGradientDescent, M = ${cubicConstant}`, () => linalg.cubicGradientDescent(operator, vector, { ...descent, cubicConstant })] as const,
      [`cauchyPoint, M = ${cubicConstant}`, () => linalg.cauchyPoint(operator, vector, { cubicConstant })] as const,
    ]),
    ["damping", () => linalg.damped(operator, -1)],
    ["relativeTolerance", () => linalg.conjugateGradients(operator, vector, { relativeTolerance: -1 })],
    ["maximumIterations", () => linalg.minres(operator, vector, { maximumIterations: 1.5 })],
    ["stepSize", () => linalg.cubicGradientDescent(operator, vector, { ...descent, stepSize: 0 })],
    ["perturbation", () => linalg.cubicGradientDescent(operator, vector, { ...descent, perturbation: { size: -1, random } })],
    ["one probe", () => linalg.estimateTrace(operator, { probes: 1, random })],
    ["one probe", () => linalg.estimateDiagonal(operator, { probes: 1, random })],
    ["one probe", () => linalg.spectralDensity(operator, { probes: 1, steps: 2, random })],
    ["width", () => linalg.spectralDensity(operator, { probes: 2, steps: 2, random, width: 0 })],
    ["steps", () => linalg.lanczos(operator, vector, { steps: 0 })],
    ["more eigenpairs than there are", () => linalg.extremeEigenpairs(operator, { top: 3, random })],
    ["scale", () => linalg.neumann(operator, vector, { scale: 0 })],
    ["damping of WoodFisher", () => linalg.woodFisherInverse([vector], { ...fisher, damping: 0 })],
  ],
};

describe.each(Object.entries(refusals))("%s", (code, calls) => {
  it.each(calls)("%s", async (_, call) => {
    await expect((async () => call())()).rejects.toMatchObject({ code, message: expect.stringMatching(/; .*\.$/) });
  });
});

describe("borrowed arguments", () => {
  it.each(Object.entries({ ...solvers, ...estimators }))(
    "%s changes neither its vector nor what it gave the operator, and returns what is its own",
    async (_, solve) => {
      const given = Float64Array.of(1, 2);
      const watched: linalg.LinearOperator = {
        ...operator,
        apply(vector) {
          const before = Float64Array.from(vector);
          queueMicrotask(() => expect(vector).toEqual(before));
          return operator.apply(vector);
        },
      };
      const first = await solve(watched, given);
      expect(given).toEqual(Float64Array.of(1, 2));
      expect(await solve(watched, given)).toEqual(first);
    },
  );

  it("passes on what the operator throws", async () => {
    const interrupted: linalg.LinearOperator = {
      ...operator,
      apply() {
        throw new Error("interrupted");
      },
    };
    for (const solve of Object.values({ ...solvers, ...estimators })) await expect(solve(interrupted, vector)).rejects.toThrow("interrupted");
  });
});
