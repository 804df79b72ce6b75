import type { Random } from "@lethe/core";

/** Numbers in a signature. */
export const signatureLength = 256;
/** Longest vector that is mixed as it is; of a longer one, coordinates are first added up in so many places. */
const mostPlaces = 1024;

/** Writes the signature of `vector` to `target`. */
export type Sign = (vector: Float64Array, target: Float32Array) => void;

/**
 * Random projections whose differences are, to a good approximation, normally distributed: for vectors x and y, each of the {@link signatureLength} numbers of
 * s(x) - s(y) has mean 0 and standard deviation norm2(x - y) over the draw of the signature. The mean of their squares estimates norm2(x - y)^2 with a relative
 * standard error of sqrt(2 / 256) = 9%.
 *
 * Two rounds of random signs and a Walsh-Hadamard transform take d log d additions where a dense matrix would take 256 d multiplications (Ailon and Chazelle 2009, The
 * Fast Johnson-Lindenstrauss Transform); vectors longer than 1,024 are first folded by feature hashing (Weinberger et al. 2009).
 *
 * @param length of the vectors.
 */
export function createSignature(length: number, random: Random): Sign {
  const places = Math.min(mostPlaces, Math.max(signatureLength, 2 ** Math.ceil(Math.log2(Math.max(1, length)))));
  const placeOf = Uint16Array.from({ length }, (_, i) => (length <= places ? i : random.integer(places)));
  const signs = Float64Array.from({ length }, () => (random.integer(2) === 0 ? -1 : 1));
  // Each transform multiplies norms by sqrt(places); one coordinate of the result has 1 / places of the squared norm.
  const again = Float64Array.from({ length: places }, () => (random.integer(2) === 0 ? -1 : 1) / Math.sqrt(places));
  const work = new Float64Array(places);
  return (vector, target) => {
    work.fill(0);
    for (let i = 0; i < length; i++) work[placeOf[i]] += signs[i] * vector[i];
    hadamard(work);
    for (let i = 0; i < places; i++) work[i] *= again[i];
    hadamard(work);
    target.set(work.subarray(0, signatureLength));
  };
}

/** Unnormalised Walsh-Hadamard transform in place; the length is a power of two. */
function hadamard(values: Float64Array): void {
  const { length } = values;
  for (let half = 1; half < length; half *= 2) {
    for (let start = 0; start < length; start += 2 * half) {
      for (let i = start; i < start + half; i++) {
        const a = values[i];
        const b = values[i + half];
        values[i] = a + b;
        values[i + half] = a - b;
      }
    }
  }
}
