import { line } from "./detrended-fluctuation.ts";
import { fitPowerLaw, slopeAt, sumOf, type PowerLaw } from "./power-law.ts";

export interface StoppingRule {
  /** eps. 0 never stops. */
  readonly threshold: number;
  /** `relative`: eps is multiplied by the first residual Delta_d, which frees it of the number of parameters and of the learning rate. */
  readonly scale: "absolute" | "relative";
  /**
   * Where the slope comes from: `all` and `dfa` are those of {@link fitPowerLaw}; `moving` is the slope of a straight line through the last third of the
   * residuals, 3 at least.
   */
  readonly trend: "all" | "dfa" | "moving";
  /** Residuals, Delta_d the first, before the rule may stop. */
  readonly minimumPoints: number;
  /** How many residuals in a row have to agree. */
  readonly consecutive: number;
}

/** What the trend of the residuals says after one more of them. */
export interface TrendReading {
  /** Y'(k); undefined where there is no trend to speak of: too few values, nothing that decays, no exponent. */
  readonly slope: number | undefined;
  /** What |Y'(k)| is compared with. */
  readonly threshold: number;
  /** Whether |Y'(k)| < threshold. */
  readonly isFlat: boolean;
  readonly law: PowerLaw | undefined;
  /**
   * The residuals that are still to come, if the trend goes on: sum over k > T of Y(k), of which ||P_final - P_exact||_1 is at most the true one. A flat
   * trend does not make it small: it grows with every block that is left.
   */
  readonly tail: number | undefined;
}

/**
 * Reads the trend of the residuals Delta_d, Delta_{d+1}, ...: Y(k) = a k^-h + b with k = 1 at Delta_d, Y'(k) at the last of them.
 *
 * @param left residuals that are still to come.
 * @example
 * const residuals = Array.from({ length: 30 }, (_, i) => 2 * (i + 1) ** -0.5 + 0.1);
 * const rule = { threshold: 0.01, scale: "absolute", trend: "all", minimumPoints: 15, consecutive: 1 };
 * const { slope, isFlat } = readTrend(residuals, rule, 10);
 * slope.toFixed(6); // "-0.006086"
 * isFlat; // true
 */
export function readTrend(residuals: readonly number[], rule: StoppingRule, left: number): TrendReading {
  const threshold = rule.scale === "relative" ? rule.threshold * residuals[0] : rule.threshold;
  const { slope, law, tail } = rule.trend === "moving" ? moving(residuals, left) : fitted(residuals, rule.trend, left);
  return { slope, threshold, isFlat: slope !== undefined && Math.abs(slope) < threshold, law, tail };
}

/**
 * Whether to stop: the last `consecutive` readings are flat, and there are enough residuals.
 *
 * @param readings one for each residual, as far as there are any; that no affected block is left is for the caller to see to.
 */
export function mayStop(readings: readonly TrendReading[], { minimumPoints, consecutive }: StoppingRule): boolean {
  return readings.length >= Math.max(minimumPoints, consecutive) && readings.slice(-consecutive).every(({ isFlat }) => isFlat);
}

type Trend = Pick<TrendReading, "slope" | "law" | "tail">;

function fitted(residuals: readonly number[], reading: "all" | "dfa", left: number): Trend {
  const law = fitPowerLaw(residuals, reading);
  const k = residuals.length;
  if (law === undefined) return { slope: undefined, law, tail: undefined };
  // With a = 0 nothing decays, and a slope of 0 would end it at once.
  return { slope: law.a > 0 ? slopeAt(law, k) : undefined, law, tail: sumOf(law, k + 1, k + left) };
}

function moving(residuals: readonly number[], left: number): Trend {
  const length = Math.max(3, Math.ceil(residuals.length / 3));
  if (residuals.length < length) return { slope: undefined, law: undefined, tail: undefined };
  const last = residuals.slice(-length);
  const { slope, intercept } = line(
    last.map((_, i) => i),
    last,
  );
  let tail = 0;
  for (let i = 0; i < left; i++) tail += Math.max(intercept + slope * (length + i), 0);
  return { slope, law: undefined, tail };
}
