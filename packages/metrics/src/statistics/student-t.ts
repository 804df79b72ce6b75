import { LetheError } from "@lethe/core";
import { betaQuantile, regularisedIncompleteBeta } from "./incomplete-beta.ts";

/**
 * Quantile of Student's t distribution: the t with P(T <= t) = p for nu degrees of freedom, nu > 0, not necessarily whole.
 *
 * From P(abs(T) > t) = I_x(nu/2, 1/2) with x = nu / (nu + t^2). Absolute error below 1e-9 for the p and nu used in intervals. Written here
 * because the reference-grade package for it brings more than two hundred others.
 *
 * @throws LetheError `metrics/bad-argument` unless 0 < p < 1 and nu > 0.
 * @example
 * studentTQuantile(0.975, 4); // 2.776445
 */
export function studentTQuantile(p: number, degreesOfFreedom: number): number {
  if (!(p > 0 && p < 1 && degreesOfFreedom > 0)) {
    throw new LetheError("metrics/bad-argument", `No t quantile at p = ${p} with ${degreesOfFreedom} degrees of freedom.`, { p, degreesOfFreedom });
  }
  if (p < 0.5) return -studentTQuantile(1 - p, degreesOfFreedom);
  const half = degreesOfFreedom / 2;
  const outside = 2 * (1 - p);
  // In each half the beta quantile is the small one of x and 1 - x, so that neither is lost to rounding.
  if (outside < 0.5) {
    const x = betaQuantile(outside, half, 0.5);
    return Math.sqrt((degreesOfFreedom * (1 - x)) / x);
  }
  const y = betaQuantile(1 - outside, 0.5, half);
  return Math.sqrt((degreesOfFreedom * y) / (1 - y));
}

/** P(T >= t) for Student's t distribution; t may be infinite. */
export function studentTUpperTail(t: number, degreesOfFreedom: number): number {
  const outside = regularisedIncompleteBeta(degreesOfFreedom / (degreesOfFreedom + t * t), degreesOfFreedom / 2, 0.5) / 2;
  return t >= 0 ? outside : 1 - outside;
}
