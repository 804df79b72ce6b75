// Coefficients of Lanczos' approximation for g = 7 with nine terms.
const lanczos = [
  0.9999999999998099, 676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905, -0.13857109526572012,
  9.984369578019572e-6, 1.5056327351493116e-7,
];

/** ln Gamma(x) for x > 0, relative error near 1e-15. */
function logGamma(x: number): number {
  // The approximation holds from 1/2 on; the recurrence Gamma(x + 1) = x Gamma(x) brings smaller arguments there.
  if (x < 0.5) return logGamma(x + 1) - Math.log(x);
  const shifted = x + 6.5;
  const series = lanczos.reduce((sum, coefficient, k) => (k === 0 ? coefficient : sum + coefficient / (x - 1 + k)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(shifted) - shifted + Math.log(series);
}

/**
 * Regularised incomplete beta function I_x(a, b): the distribution function of Beta(a, b), a, b > 0, 0 <= x <= 1.
 *
 * The continued fraction of the NIST Digital Library of Mathematical Functions, 8.17.22, by the modified Lentz method, with
 * I_x(a, b) = 1 - I_(1-x)(b, a) on the side where it converges slowly. Absolute error below 1e-11 for a, b up to some thousands.
 */
export function regularisedIncompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - regularisedIncompleteBeta(1 - x, b, a);
  const logFront = logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x);
  return (Math.exp(logFront) / a) * continuedFraction(x, a, b);
}

function continuedFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d);
    c = nonZero(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d);
    c = nonZero(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return fraction;
}

/** Lentz' guard: a zero denominator is nudged away, and the next factor undoes it. */
function nonZero(value: number): number {
  return Math.abs(value) < 1e-300 ? 1e-300 : value;
}

/**
 * Quantile of Beta(a, b): the x with I_x(a, b) = p.
 *
 * Bisection down to neighbouring floating-point numbers: the function is monotone, so this cannot fail to converge, and a quantile is
 * asked for only a few times per evaluation.
 */
export function betaQuantile(p: number, a: number, b: number): number {
  let low = 0;
  let high = 1;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) return middle;
    if (regularisedIncompleteBeta(middle, a, b) < p) low = middle;
    else high = middle;
  }
}
