import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "../../random/index.ts";
import { choleskySolve, cholesky } from "../cholesky.ts";
import { counted, diagonalMatrix, normalVector, relativeError, withEigenvalues } from "../fixtures/problems.ts";
import { worstConditions } from "../fixtures/random-cubic.ts";
import { matrixFromRows, multiply, type Matrix } from "../matrix.ts";
import { denseOperator } from "../operator.ts";
import { dot, norm } from "../vector.ts";
import { cauchyPoint } from "./cauchy.ts";
import { cubicExact } from "./exact.ts";
import { cubicGradientDescent } from "./gradient-descent.ts";
import { cubicKrylov } from "./krylov.ts";
import { cubicModelValue } from "./model.ts";

interface Known {
  readonly name: string;
  readonly hessian: Matrix;
  readonly gradient: readonly number[];
  readonly cubicConstant: number;
  readonly step: readonly number[];
  readonly lambda: number;
  readonly modelValue: number;
}

/** Solutions to the digits that are written here, from closed forms and 40-digit arithmetic. */
const known: readonly Known[] = [
  ["positive definite", [2, 1], [1, 1], 6, [-0.2870658746, -0.4026541365], 1.4835209908, -0.4053226763],
  ["singular", [2, 0], [1, 1], 6, [-0.261568855, -0.5485207376], 1.8230851296, -0.5172536398],
  ["indefinite", [2, -1], [1, 1], 6, [-0.2303526684, -0.7456178576], 2.3411695949, -0.7256172316],
  ["hard", [2, -1], [1, 0], 1, [-1 / 3, 1.9720265944], 1, -5 / 6],
  ["hard, at its boundary", [2, -1], [1, 0], 6, [-1 / 3, 0], 1, -0.1851851852],
  ["nearly singular", [10, 1e-6], [0.1, 0.001], 5, [-0.0099471005, -0.0188034018], 0.0531808663, -0.0005107676],
  ["one unknown, no gradient", [-1], [0], 2, [1], 1, -1 / 6],
  ["one unknown, no curvature", [0], [1], 2, [-1], 1, -2 / 3],
].map(([name, diagonal, gradient, cubicConstant, step, lambda, modelValue]) => ({
  ...({ name, gradient, cubicConstant, step, lambda, modelValue } as Omit<Known, "hessian">),
  hessian: diagonalMatrix(...(diagonal as number[])),
}));

const caseOf = (name: string): Known & { readonly g: Float64Array } => {
  const found = known.find((each) => each.name === name)!;
  return { ...found, g: Float64Array.from(found.gradient) };
};

describe("cubicExact", () => {
  it.each(known)("knows the solution: $name", ({ hessian, gradient, cubicConstant, step, lambda, modelValue }) => {
    const g = Float64Array.from(gradient);
    const found = cubicExact(hessian, g, { cubicConstant });
    for (const [i, value] of step.entries()) expect(found.step[i]).toBeCloseTo(value, 9);
    expect(found.lambda).toBeCloseTo(lambda, 9);
    expect(found.modelValue).toBeCloseTo(modelValue, 9);
    expect(found.residuals.stationarity).toBeLessThan(1e-14);
    expect(found.residuals.norm).toBeLessThan(1e-14);
    expect(found.residuals.definiteness).toBeGreaterThanOrEqual(-1e-15);
    expect(found.status).toBe("converged");
    // Strong duality: m(s) = g.s / 2 - (M / 12) ||s||^3.
    expect(found.modelValue).toBeCloseTo(dot(g, found.step) / 2 - (cubicConstant / 12) * norm(found.step) ** 3, 14);
  });

  it("says where there are several minimisers, and always gives the same", () => {
    const several = known.filter(
      ({ hessian, gradient, cubicConstant }) => cubicExact(hessian, Float64Array.from(gradient), { cubicConstant }).minimiser === "one-of-several",
    );
    expect(several.map(({ name }) => name)).toEqual(["hard", "one unknown, no gradient"]);
    const { matrix } = withEigenvalues([-2, 1, 3, 4], createRandom(1));
    const zero = new Float64Array(4);
    const { step } = cubicExact(matrix, zero, { cubicConstant: 1 });
    expect(step.find((value) => Math.abs(value) > 1e-6)).toBeGreaterThan(0);
    expect(norm(step)).toBeCloseTo(4, 13);
  });

  it("is zero where the gradient is and no curvature is negative", () => {
    const { matrix } = withEigenvalues([0, 0, 1, 3], createRandom(2));
    expect(cubicExact(matrix, new Float64Array(4), { cubicConstant: 1 })).toMatchObject({ step: new Float64Array(4), lambda: 0, modelValue: 0 });
  });

  it("stays short where Newton's step blows up", () => {
    const { hessian, g, cubicConstant } = caseOf("nearly singular");
    const newton = (damping: number) => choleskySolve(cholesky(diagonalMatrix(10 + damping, 1e-6 + damping)), g);
    expect(norm(newton(0))).toBeCloseTo(1000, 6);
    expect(norm(newton(1e-3))).toBeCloseTo(0.999, 3);
    expect(norm(newton(1))).toBeCloseTo(0.0091, 4);
    expect(norm(cubicExact(hessian, g, { cubicConstant }).step)).toBeCloseTo(0.0213, 4);
  });

  it("shortens as M grows, from Newton's step to a gradient step", () => {
    const { hessian, g } = caseOf("positive definite");
    const step = (cubicConstant: number) => cubicExact(hessian, g, { cubicConstant }).step;
    const lengths = Array.from({ length: 25 }, (_, i) => norm(step(10 ** (i - 12))));
    for (const [i, length] of lengths.slice(1).entries()) expect(length).toBeLessThan(lengths[i]);
    expect(relativeError(step(1e-12), [-0.5, -1])).toBeLessThan(1e-11);
    const limit = Math.sqrt(2 / norm(g));
    expect(relativeError(step(1e16), [-limit / 1e8, -limit / 1e8])).toBeLessThan(1e-7);
  });

  it("walks to the minimum of a quadratic as it must with M = 2: damping is M ||s|| / 2, not M ||s||", () => {
    let w = 3;
    const iterates = Array.from({ length: 6 }, () => (w += cubicExact(diagonalMatrix(1), Float64Array.of(w - 1), { cubicConstant: 2 }).step[0]));
    for (const [i, expected] of [2, 1.381966011, 1.087003112, 1.006483421, 1.000041498, 1.000000002].entries()) {
      expect(iterates[i]).toBeCloseTo(expected, 9);
    }
  });

  it("meets the conditions of a global minimiser on 500 problems over many scales, to rounding", async () => {
    const { hardCases, ...worst } = await worstConditions("fast", 500);
    expect(hardCases).toBeGreaterThan(10);
    for (const [name, value] of Object.entries(worst)) expect(value, name).toBeLessThan(5e-15);
  });

  it("is below every other point", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 6 }), (seed, dimension) => {
        const random = createRandom(seed);
        const { matrix } = withEigenvalues(
          Array.from({ length: dimension }, () => random.normal()),
          random,
        );
        const gradient = normalVector(dimension, random);
        const { step, modelValue } = cubicExact(matrix, gradient, { cubicConstant: 2 });
        for (let i = 0; i < 50; i++) {
          const size = 10 ** (-3 * random.uniform());
          const other = step.map((value) => value + size * random.normal());
          expect(cubicModelValue(gradient, multiply(matrix, other), other, 2)).toBeGreaterThan(modelValue - 1e-13);
        }
      }),
    );
  });

  it("does not see how its arguments are scaled: units of length and of loss", () => {
    const random = createRandom(3);
    const { matrix } = withEigenvalues([-1, 0.5, 2], random);
    const gradient = normalVector(3, random);
    const { step } = cubicExact(matrix, gradient, { cubicConstant: 3 });
    for (const [loss, length] of [
      [1e40, 1],
      [1e-40, 1],
      [1, 1e30],
      [1, 1e-30],
    ]) {
      const scaled = { ...matrix, values: matrix.values.map((value) => (value * loss) / length ** 2) };
      const found = cubicExact(
        scaled,
        gradient.map((value) => (value * loss) / length),
        { cubicConstant: (3 * loss) / length ** 3 },
      );
      expect(
        relativeError(
          found.step.map((value) => value / length),
          step,
        ),
      ).toBeLessThan(1e-13);
    }
  });

  it("holds as many digits of the step as the condition number leaves", () => {
    const random = createRandom(4);
    const { matrix, vectors } = withEigenvalues([1e-12, 1e-6, 1], random);
    // In closed form: s along one eigenvector each, with lambda chosen far below the smallest eigenvalue.
    const expected = vectors[0].map((value, i) => -(value + vectors[1][i] + vectors[2][i]));
    const lambda = 1e-14;
    const gradient = multiply(matrix, expected).map((value, i) => -value - lambda * expected[i]);
    const { step, residuals } = cubicExact(matrix, gradient, { cubicConstant: (2 * lambda) / norm(expected) });
    expect(relativeError(step, expected)).toBeLessThan(1e12 * 1e-15);
    expect(relativeError(step, expected)).toBeGreaterThan(1e-12);
    expect(residuals.stationarity).toBeLessThan(1e-14);
  });

  it("takes a decomposition that is at hand", () => {
    const { hessian, g, cubicConstant, step } = caseOf("indefinite");
    const eigen = {
      values: Float64Array.of(-1, 2),
      vectors: matrixFromRows([
        [0, 1],
        [1, 0],
      ]),
    };
    expect(relativeError(cubicExact(hessian, g, { cubicConstant, eigen }).step, step)).toBeLessThan(1e-9);
  });

  it("refuses numbers that it cannot hold", () => {
    expect(() => cubicExact(diagonalMatrix(-1e200), Float64Array.of(1), { cubicConstant: 1e-200 })).toThrow(
      expect.objectContaining({ code: "linalg/out-of-range" }),
    );
  });
});

describe("cauchyPoint", () => {
  it.each([
    ["positive definite", 0.480687704, -0.3954315463],
    ["indefinite", 0.6082944316, -0.5426703138],
  ])("has the radius and the value of the closed form: %s", async (name, radius, modelValue) => {
    const { hessian, g, cubicConstant } = caseOf(name);
    const operator = counted(hessian);
    const point = await cauchyPoint(operator, g, { cubicConstant });
    expect(point.radius).toBeCloseTo(radius, 9);
    expect(point.modelValue).toBeCloseTo(modelValue, 9);
    expect(point.modelValue).toBeCloseTo(cubicModelValue(g, multiply(hessian, point.step), point.step, cubicConstant), 14);
    expect([...point.product]).toEqual([...multiply(hessian, point.step)].map((value) => expect.closeTo(value, 14)));
    expect(operator.products).toBe(1);
  });

  it("keeps its digits where curvature dwarfs the cubic term, and is zero without a gradient", async () => {
    const point = await cauchyPoint(denseOperator(diagonalMatrix(1e8)), Float64Array.of(1e-4), { cubicConstant: 1e-4 });
    expect(point.radius / 1e-12).toBeCloseTo(1, 14);
    expect((await cauchyPoint(denseOperator(diagonalMatrix(-1)), Float64Array.of(0), { cubicConstant: 1 })).modelValue).toBe(0);
  });
});

describe("cubicKrylov", () => {
  it("equals the exact solver once the space is whole", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 20 }), fc.constantFrom(0.1, 1, 10), async (seed, dimension, cubicConstant) => {
        const random = createRandom(seed);
        const { matrix } = withEigenvalues(
          Array.from({ length: dimension }, () => random.normal()),
          random,
        );
        const gradient = normalVector(dimension, random);
        const exact = cubicExact(matrix, gradient, { cubicConstant });
        const found = await cubicKrylov(denseOperator(matrix), gradient, { cubicConstant, relativeTolerance: 0 });
        expect(found.modelValue / exact.modelValue).toBeCloseTo(1, 12);
        expect(relativeError(found.step, exact.step)).toBeLessThan(1e-8);
        expect(found.products).toBe(dimension + 1);
        expect(found.status).toBe("converged");
        expect(found.residuals.stationarity).toBeLessThan(1e-12);
      }),
    );
  });

  it("stops by the residual long before that, and never above the Cauchy point", async () => {
    const random = createRandom(5);
    const eigenvalues = Array.from({ length: 300 }, (_, i) => (i === 0 ? -1 : i / 100));
    const operator = counted(diagonalMatrix(...eigenvalues));
    const gradient = normalVector(300, random);
    const cauchy = await cauchyPoint(operator, gradient, { cubicConstant: 1 });
    const exact = cubicExact(diagonalMatrix(...eigenvalues), gradient, { cubicConstant: 1 });
    for (const maximumSteps of [1, 2, 4]) {
      const { status, modelValue } = await cubicKrylov(operator, gradient, { cubicConstant: 1, maximumSteps });
      expect(status).toBe("budget-reached");
      expect(modelValue).toBeLessThanOrEqual(cauchy.modelValue + 1e-12);
    }
    const before = operator.products;
    const found = await cubicKrylov(operator, gradient, { cubicConstant: 1, relativeTolerance: 1e-6 });
    expect(found.status).toBe("stationary");
    expect(found.residuals.stationarity).toBeLessThan(1.01e-6);
    expect(found.products).toBe(operator.products - before);
    expect(found.products).toBeLessThan(60);
    expect(found.modelValue / exact.modelValue).toBeCloseTo(1, 10);
  });

  it("is blind on the hard row from the gradient alone, says so, and sees with a random direction", async () => {
    const { hessian, g, cubicConstant, modelValue, lambda } = caseOf("hard");
    const blind = await cubicKrylov(denseOperator(hessian), g, { cubicConstant });
    expect(blind.status).toBe("stationary");
    expect(blind.modelValue).toBeCloseTo(-0.2323, 4);
    const seeing = await cubicKrylov(denseOperator(hessian), g, { cubicConstant, random: createRandom(6) });
    expect(seeing.status).toBe("converged");
    expect(seeing.modelValue).toBeCloseTo(modelValue, 12);
    expect(seeing.lambda).toBeCloseTo(lambda, 12);
  });

  it("finds the hard case in a large space without going through all of it", async () => {
    const eigenvalues = [-2, ...Array.from({ length: 399 }, (_, i) => i / 400)];
    const operator = counted(diagonalMatrix(...eigenvalues));
    const gradient = normalVector(400, createRandom(7));
    gradient[0] = 0;
    const exact = cubicExact(diagonalMatrix(...eigenvalues), gradient, { cubicConstant: 0.1 });
    expect(exact.minimiser).toBe("one-of-several");
    const options = { cubicConstant: 0.1, relativeTolerance: 1e-7 };
    const blind = await cubicKrylov(operator, gradient, options);
    expect(blind.status).toBe("stationary");
    expect(blind.modelValue).toBeGreaterThan(exact.modelValue + 1);
    const seeing = await cubicKrylov(operator, gradient, { ...options, random: createRandom(8) });
    expect(seeing.status).toBe("converged");
    expect(seeing.modelValue / exact.modelValue).toBeCloseTo(1, 9);
    expect(seeing.smallestRitzValue).toBeCloseTo(-2, 6);
    expect(seeing.products).toBeLessThan(160);
  });

  it("without a gradient rests, or finds the lowest direction", async () => {
    const operator = denseOperator(diagonalMatrix(3, -1, 2));
    const zero = new Float64Array(3);
    expect(await cubicKrylov(operator, zero, { cubicConstant: 2 })).toMatchObject({ status: "stationary", modelValue: 0, step: zero });
    const found = await cubicKrylov(operator, zero, { cubicConstant: 2, random: createRandom(9) });
    expect(found).toMatchObject({ status: "converged", modelValue: expect.closeTo(-1 / 6, 12), lambda: expect.closeTo(1, 12) });
    const resting = await cubicKrylov(denseOperator(diagonalMatrix(3, 1, 2)), zero, { cubicConstant: 2, random: createRandom(9) });
    expect(resting).toMatchObject({ status: "converged", modelValue: 0, step: zero });
  });
});

describe("cubicGradientDescent", () => {
  const descend = (name: string, options: { iterations: number; stepSize: number; size?: number; seed?: number; start?: "cauchy" | "zero" }) => {
    const { hessian, g, cubicConstant } = caseOf(name);
    const { size = 0, seed = 0, ...rest } = options;
    return cubicGradientDescent(denseOperator(hessian), g, { cubicConstant, perturbation: { size, random: createRandom(seed) }, ...rest });
  };

  it("follows the parent algorithm from zero", async () => {
    const zero = { stepSize: 1 / 40, start: "zero" } as const;
    expect((await descend("indefinite", { ...zero, iterations: 100 })).modelValue).toBeCloseTo(-0.7256169, 7);
    expect((await descend("indefinite", { ...zero, iterations: 1000 })).modelValue).toBeCloseTo(-0.7256172316, 10);
  });

  it("follows the released inner loop from the Cauchy point", async () => {
    const released = { stepSize: 0.05, iterations: 5 };
    const positive = await descend("positive definite", released);
    expect([...positive.step]).toEqual([expect.closeTo(-0.3094943052, 9), expect.closeTo(-0.3729233151, 9)]);
    expect([positive.status, positive.iterations]).toEqual(["budget-reached", 5]);
    const indefinite = await descend("indefinite", released);
    expect([...indefinite.step]).toEqual([expect.closeTo(-0.3168934433, 9), expect.closeTo(-0.5736485346, 9)]);
    const first = await descend("indefinite", { ...released, iterations: 1 });
    expect([...first.step]).toEqual([expect.closeTo(-0.3978694337, 9), expect.closeTo(-0.4623888014, 9)]);
  });

  it("stays on the saddle of the hard row unperturbed, and leaves it perturbed, by a bias of the perturbation's size", async () => {
    const long = { stepSize: 1 / 40, iterations: 5000, start: "zero" } as const;
    const stuck = await descend("hard", long);
    expect([...stuck.step]).toEqual([expect.closeTo(-0.4494897428, 9), 0]);
    expect(stuck.modelValue).toBeCloseTo(-0.2323, 4);
    expect((await descend("hard", { ...long, size: 1e-3 })).modelValue).toBeCloseTo(-0.83333, 5);
    const biased = (await descend("hard", { ...long, size: 0.1 })).modelValue;
    expect(biased).toBeGreaterThan(-5 / 6 + 1e-6);
    expect(biased).toBeLessThan(-0.82);
  });

  it("stops early where it is told to, and calls that stationary", async () => {
    const { hessian, g, cubicConstant, modelValue } = caseOf("indefinite");
    const operator = counted(hessian);
    const options = { cubicConstant, stepSize: 0.05, iterations: 10_000, relativeTolerance: 1e-9 };
    const found = await cubicGradientDescent(operator, g, options);
    expect(found.status).toBe("stationary");
    expect(found.residuals.stationarity).toBeLessThanOrEqual(1.1e-9);
    expect(found.modelValue).toBeCloseTo(modelValue, 9);
    expect(operator.products).toBe(found.iterations + 1);
    expect(found.residuals.definiteness).toBeUndefined();
  });

  it("grows monotonically in length and falls in value with a step size below Carmon and Duchi's bound", async () => {
    const random = createRandom(10);
    const { matrix } = withEigenvalues([-1, -0.3, 0.2, 1.5], random);
    const gradient = normalVector(4, random);
    const rho = 0.5;
    const radius = 1.5 / (2 * rho) + Math.sqrt((1.5 / (2 * rho)) ** 2 + norm(gradient) / rho);
    const stepSize = 1 / (4 * (1.5 + rho * radius));
    let last = { length: 0, value: 0 };
    for (let iterations = 0; iterations < 30; iterations++) {
      const { step, modelValue } = await cubicGradientDescent(denseOperator(matrix), gradient, { cubicConstant: 2 * rho, stepSize, iterations });
      expect(norm(step)).toBeGreaterThanOrEqual(last.length - 1e-14);
      expect(modelValue).toBeLessThanOrEqual(last.value + 1e-14);
      last = { length: norm(step), value: modelValue };
    }
  });

  it.each([
    [0.7, 1],
    [0.7, 3],
    [0.7, 40],
    [1e3, 40],
    [1e300, 40],
  ])("gives the start back where a step size of %d has climbed after %i steps, or left float64", async (stepSize, iterations) => {
    const { hessian, g, cubicConstant } = caseOf("positive definite");
    const steep = { ...hessian, values: hessian.values.map((value) => 10 * value) };
    const start = await cauchyPoint(denseOperator(steep), g, { cubicConstant });
    const found = await cubicGradientDescent(denseOperator(steep), g, { cubicConstant, stepSize, iterations });
    expect(found.status).toBe("diverged");
    expect(found.step).toEqual(start.step);
    expect(found.modelValue).toBeCloseTo(start.modelValue, 14);
  });

  it("tells divergence also where the operator overflows first, as one of float32 does", async () => {
    const { hessian, g, cubicConstant } = caseOf("positive definite");
    const float32 = { ...denseOperator(hessian), apply: (vector: Float64Array) => Float64Array.from(Float32Array.from(multiply(hessian, vector))) };
    const found = await cubicGradientDescent(float32, g, { cubicConstant, stepSize: 1e3, iterations: 40 });
    expect(found.status).toBe("diverged");
  });
});
