import { LetheError } from "../errors/index.ts";
import type { Pieces } from "./pieces.ts";
import { machineEpsilon } from "./vector.ts";

/** `diag(poles) + weight z z^T` with poles strictly increasing, `weight > 0`, no z zero and `|z| = 1`. */
export interface RankOneUpdate {
  readonly poles: Float64Array;
  readonly z: Float64Array;
  readonly weight: number;
}

/**
 * Eigenvalue i is `poles[origin[i]] + offset[i]`: kept apart, so that its distance to every pole, and with them the eigenvectors, have no cancellation.
 */
export interface SecularRoots {
  readonly origin: Int32Array;
  readonly offset: Float64Array;
}

/** Three or four steps are usual; the bracket is halved after thirty. */
const rationalSteps = 30;
const maximumSteps = 400;
const rootsPerPiece = 64;

/**
 * All roots of the secular equation `1 / weight + sum_j z_j^2 / (poles_j - x) = 0`, one between each pole and the next and one after the last, each to the
 * rounding of the equation itself: two-pole rational steps (Li 1993, Solving secular equations stably and efficiently; LAPACK's dlaed4) inside a bracket.
 */
export function* secularRoots({ poles, z, weight }: RankOneUpdate): Pieces<SecularRoots> {
  const count = poles.length;
  if (count === 1) return { origin: Int32Array.of(0), offset: Float64Array.of(weight * z[0] * z[0]) };
  const squares = z.map((value) => value * value);
  const origin = new Int32Array(count);
  const offset = new Float64Array(count);
  const equation = new SecularEquation(poles, squares, 1 / weight);
  for (let i = 0; i < count; i++) {
    const last = i === count - 1;
    const middle = last ? weight / 2 : (poles[i + 1] - poles[i]) / 2;
    equation.evaluate(i, i, middle);
    const left = last || equation.value > 0;
    origin[i] = left ? i : i + 1;
    const [low, high] = bracketOf(last, equation.value > 0, middle);
    offset[i] = equation.solve(i, origin[i], left ? middle : -middle, low, high);
    // Few beside those of the products that follow.
    if (i % rootsPerPiece === rootsPerPiece - 1) yield 0;
  }
  return { origin, offset };
}

/** The half of its interval in which a root lies, from the sign of the equation in the middle. The last root is at most `weight` off, up to the rounding of |z|. */
function bracketOf(last: boolean, positive: boolean, middle: number): readonly [number, number] {
  if (last) return positive ? [0, middle] : [middle, 2.5 * middle];
  return positive ? [0, middle] : [-middle, 0];
}

class SecularEquation {
  readonly #poles: Float64Array;
  readonly #squares: Float64Array;
  readonly #constant: number;
  value = 0;
  /** Slopes of the sums over the poles up to i, and after it. */
  #slopeBelow = 0;
  #slopeAbove = 0;
  /** What rounding may have done to the value. */
  #doubt = 0;

  constructor(poles: Float64Array, squares: Float64Array, constant: number) {
    this.#poles = poles;
    this.#squares = squares;
    this.#constant = constant;
  }

  /** The equation at `poles[origin] + offset`; the poles are split after the i-th (for the last root after the last but one). */
  evaluate(i: number, origin: number, offset: number): void {
    const [poles, squares] = [this.#poles, this.#squares];
    const centre = poles[origin];
    const split = Math.min(i, poles.length - 2);
    let [below, slopeBelow, doubt] = [0, 0, 0];
    for (let j = 0; j <= split; j++) {
      const inverse = 1 / (poles[j] - centre - offset);
      const term = squares[j] * inverse;
      below += term;
      slopeBelow += term * inverse;
      doubt += below;
    }
    doubt = Math.abs(doubt);
    let [above, slopeAbove] = [0, 0];
    for (let j = poles.length - 1; j > split; j--) {
      const inverse = 1 / (poles[j] - centre - offset);
      const term = squares[j] * inverse;
      above += term;
      slopeAbove += term * inverse;
      doubt += Math.abs(above);
    }
    this.value = this.#constant + below + above;
    this.#slopeBelow = slopeBelow;
    this.#slopeAbove = slopeAbove;
    this.#doubt = 8 * (Math.abs(above) + Math.abs(below)) + doubt + this.#constant + Math.abs(offset) * (slopeBelow + slopeAbove);
  }

  /** The offset of root i from its origin; the equation was evaluated last at `|start|` from pole i. */
  solve(i: number, origin: number, start: number, low: number, high: number): number {
    let offset = this.#guess(i, origin, start);
    if (!(offset > low && offset < high)) offset = (low + high) / 2;
    let previous = Infinity;
    let middleWay = false;
    for (let step = 0; step < maximumSteps; step++) {
      this.evaluate(i, origin, offset);
      const value = this.value;
      if (Math.abs(value) <= machineEpsilon * this.#doubt) return offset;
      if (value < 0) low = offset;
      else high = offset;
      if (Math.abs(value) > Math.abs(previous) / 10) middleWay = !middleWay;
      previous = value;
      let next = step < rationalSteps ? offset + this.#step(i, origin, offset, middleWay) : Number.NaN;
      if (!(next > low && next < high)) next = (low + high) / 2;
      // Two neighbouring numbers bracket the root: nothing is left to gain.
      if (next === offset || next === low || next === high) return offset;
      offset = next;
    }
    throw new LetheError("linalg/no-convergence", `Root ${i} of a secular equation did not converge; report the matrix.`, { index: i });
  }

  /** The two poles beside root i, as distances from a point. */
  #beside(i: number, origin: number, offset: number): [number, number, number] {
    const first = Math.min(i, this.#poles.length - 2);
    const centre = this.#poles[origin];
    return [first, this.#poles[first] - centre - offset, this.#poles[first + 1] - centre - offset];
  }

  /** The root with all other poles frozen at `start`, where the equation was evaluated with origin i. */
  #guess(i: number, origin: number, start: number): number {
    const [first, near, far] = this.#beside(i, i, Math.abs(start));
    const [a, b] = [this.#squares[first], this.#squares[first + 1]];
    const rest = this.value - a / near - b / far;
    // rest + a / (p - t) + b / (q - t) = 0 with t the offset from the origin and p, q the poles' distances from it.
    const p = this.#poles[first] - this.#poles[origin];
    const q = this.#poles[first + 1] - this.#poles[origin];
    return rootBetween(rest, rest * (p + q) + a + b, rest * p * q + a * q + b * p, i === this.#poles.length - 1);
  }

  #step(i: number, origin: number, offset: number, middleWay: boolean): number {
    const slope = this.#slopeBelow + this.#slopeAbove;
    const newton = -this.value / slope;
    const [first, near, far] = this.#beside(i, origin, offset);
    const last = i === this.#poles.length - 1;
    const gap = this.#poles[first + 1] - this.#poles[first];
    let rest = this.value;
    if (last || middleWay) rest -= near * this.#slopeBelow + far * this.#slopeAbove;
    else if (origin === first) rest -= far * slope - (gap * this.#squares[first]) / near / near;
    else rest -= near * slope + (gap * this.#squares[first + 1]) / far / far;
    const step = rootBetween(rest, (near + far) * this.value - near * far * slope, near * far * this.value, last);
    return step * this.value < 0 ? step : newton;
  }
}

/** The root of `c t^2 - a t + b` that lies between the two poles, or after both, of the rational function behind it, without cancellation. */
function rootBetween(c: number, a: number, b: number, after: boolean): number {
  const root = Math.sqrt(Math.abs(a * a - 4 * b * c));
  if (after) return a >= 0 ? (a + root) / (2 * c) : (2 * b) / (a - root);
  return a <= 0 ? (a - root) / (2 * c) : (2 * b) / (a + root);
}
