import { LetheError } from "../errors/index.ts";

/** A set of positions below a bound, one bit each: which samples shaped a snapshot. */
export class SampleSet {
  readonly #bits: Uint8Array;
  /** Positions are below it. */
  readonly bound: number;

  constructor(bound: number, bits: Uint8Array = new Uint8Array(Math.ceil(bound / 8))) {
    this.bound = bound;
    this.#bits = bits;
  }

  /** A copy: later additions do not show in it. */
  get bits(): Uint8Array {
    return this.#bits.slice();
  }

  /** @throws LetheError `trajectory/no-such-sample`. */
  add(positions: ArrayLike<number>): this {
    for (let i = 0; i < positions.length; i++) {
      const position = positions[i];
      if (!(Number.isInteger(position) && position >= 0 && position < this.bound)) {
        const sentence = `Position ${position} is not one of the ${this.bound} samples that the trajectory knows; give positions in its list of ids.`;
        throw new LetheError("trajectory/no-such-sample", sentence, { position, samples: this.bound });
      }
      this.#bits[position >> 3] |= 1 << (position & 7);
    }
    return this;
  }

  addAll(other: SampleSet): this {
    other.#bits.forEach((bits, i) => (this.#bits[i] |= bits));
    return this;
  }

  get isEmpty(): boolean {
    return this.#bits.every((bits) => bits === 0);
  }

  has(position: number): boolean {
    return ((this.#bits[position >> 3] >> (position & 7)) & 1) === 1;
  }

  /** Ascending. */
  positions(): Uint32Array {
    const positions: number[] = [];
    for (let position = 0; position < this.bound; position++) if (this.has(position)) positions.push(position);
    return Uint32Array.from(positions);
  }
}
