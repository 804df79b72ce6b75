import { apply } from "./checks.ts";
import type { Matrix } from "./matrix.ts";
import type { LinearOperator } from "./operator.ts";
import { addScaled, divided, dot, machineEpsilon, norm, orthogonalise } from "./vector.ts";

/** A vector that is to become a basis vector, less its components along those there are. */
interface Candidate {
  readonly vector: Float64Array;
  /** Which basis vector it is the image of; undefined for a start. */
  readonly imageOf: number | undefined;
  /** What its length is compared with to see whether anything but rounding is left of it. */
  readonly scale: number;
}

/**
 * An orthonormal basis Q of a Krylov space of a symmetric operator that grows by one vector per product, and the projection T = Q^T A Q.
 *
 * With one start this is Lanczos with full re-orthogonalisation, and T is tridiagonal; with several it is banded Lanczos (Ruhe 1979), in which the
 * images take turns and one that brings nothing new is dropped. Memory: d float64 numbers per step, twice per start.
 */
export class KrylovBasis {
  readonly vectors: Float64Array[] = [];
  readonly #operator: LinearOperator;
  /** T by rows, lower triangle. */
  readonly #projection: number[][] = [];
  #candidates: Candidate[] = [];
  /** Longest image of a basis vector: a lower bound of ||A||. */
  #operatorScale = 0;

  constructor(operator: LinearOperator, starts: readonly Float64Array[]) {
    this.#operator = operator;
    for (const start of starts.toReversed()) this.addStart(start);
  }

  get size(): number {
    return this.vectors.length;
  }

  /** Makes a copy of `start` the next to join. */
  addStart(start: Float64Array): void {
    this.#candidates.unshift({ vector: Float64Array.from(start), imageOf: undefined, scale: norm(start) });
  }

  /** Adds one vector, at the cost of one product; false where the space is invariant, so that there is none to add. */
  async grow(): Promise<boolean> {
    while (this.size < this.#operator.dimension) {
      const candidate = this.#candidates.shift();
      if (!candidate) return false;
      const unit = this.#normalised(candidate);
      if (!unit) continue;
      const image = Float64Array.from(await apply(this.#operator, unit));
      this.#operatorScale = Math.max(this.#operatorScale, norm(image));
      this.#append(unit, candidate, dot(unit, image));
      orthogonalise(image, this.vectors);
      this.#candidates.push({ vector: image, imageOf: this.size - 1, scale: this.#operatorScale });
      return true;
    }
    return false;
  }

  /** T, `[size, size]`. */
  projection(): Matrix {
    const { size } = this;
    const values = new Float64Array(size * size);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j <= i; j++) values[i * size + j] = values[j * size + i] = this.#projection[i][j];
    }
    return { shape: [size, size], values };
  }

  /** `||(A Q - Q T) u||`: by how much Q u, for eigenvectors and solutions u of T, fails to be one of A. It costs no product. */
  residualNorm(coefficients: ArrayLike<number>): number {
    const residual = new Float64Array(this.#operator.dimension);
    for (const { vector, imageOf } of this.#candidates) if (imageOf !== undefined) addScaled(residual, coefficients[imageOf], vector);
    return this.size === this.#operator.dimension ? 0 : norm(residual);
  }

  /** Q u. */
  combine(coefficients: ArrayLike<number>): Float64Array {
    const sum = new Float64Array(this.#operator.dimension);
    for (const [i, vector] of this.vectors.entries()) addScaled(sum, coefficients[i], vector);
    return sum;
  }

  #normalised({ vector, scale }: Candidate): Float64Array | undefined {
    const rest = Float64Array.from(vector);
    const length = orthogonalise(rest, this.vectors);
    // Rounding of an image that lies in the span is some machine epsilons of the operator's norm.
    if (length <= 100 * machineEpsilon * scale) return undefined;
    const unit = divided(rest, length);
    // Of a short rest much is rounding, which only shows up, and can only be taken out, once it is scaled up.
    return divided(unit, orthogonalise(unit, this.vectors));
  }

  #append(unit: Float64Array, from: Candidate, diagonal: number): void {
    const row = Array.from<number>({ length: this.size }).fill(0);
    for (const candidate of [from, ...this.#candidates]) {
      const component = dot(unit, candidate.vector);
      if (candidate.imageOf !== undefined) row[candidate.imageOf] = component;
      addScaled(candidate.vector, -component, unit);
    }
    this.#projection.push([...row, diagonal]);
    this.vectors.push(unit);
  }
}
