/**
 * Standard normal distribution function Phi(z), with full relative accuracy (about 1e-14) in the lower tail, where an attack ranks its
 * surest non-members.
 */
export function normalCdf(z: number): number {
  return z < 0 ? lowerTail(-z) : 1 - lowerTail(z);
}

/** P(Z > z) for z >= 0. */
function lowerTail(z: number): number {
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  return z < 2 ? 0.5 - density * series(z) : density / continuedFraction(z);
}

/** z + z^3 / 3 + z^5 / (3 5) + ..., NIST Digital Library of Mathematical Functions 7.6.2: all terms positive, so nothing cancels. */
function series(z: number): number {
  let term = z;
  let sum = z;
  for (let n = 3; term > 1e-17 * sum; n += 2) {
    term *= (z * z) / n;
    sum += term;
  }
  return sum;
}

/** z + 1 / (z + 2 / (z + 3 / ...)), NIST 7.9.2, from a depth that suffices for z >= 2. */
function continuedFraction(z: number): number {
  let value = z;
  for (let k = 200; k > 0; k--) value = z + k / value;
  return value;
}
