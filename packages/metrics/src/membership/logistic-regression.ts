import { LetheError } from "@lethe/core";

/** A fitted model of one feature: P(member | x) = 1 / (1 + exp(-(w x + b))). */
export interface LogisticModel {
  readonly coefficient: number;
  readonly intercept: number;
}

const iterationLimit = 200;

/**
 * Logistic regression on one feature with both classes weighted to equal mass:
 * minimise w^2 / 2 + C sum over i of omega_i log(1 + exp(-y_i (w x_i + b))), y_i = +1 for members and -1 for others, omega_i = n / (2 n_class).
 *
 * The intercept carries no penalty and the feature is not scaled, as in scikit-learn with `class_weight="balanced"`. Newton's method with
 * step halving: the problem is strictly convex in two unknowns, so the answer is the exact optimum and not a solver's early stop.
 *
 * @param inverseRegularisation C > 0.
 * @returns null when either class has no samples.
 * @throws LetheError `metrics/did-not-converge`; not seen for finite features.
 * @example
 * fitLogisticRegression({ members: [0, 1], nonMembers: [2, 3] }, 1)?.coefficient; // -0.958286
 */
export function fitLogisticRegression(
  { members, nonMembers }: { readonly members: ArrayLike<number>; readonly nonMembers: ArrayLike<number> },
  inverseRegularisation: number,
): LogisticModel | null {
  if (members.length === 0 || nonMembers.length === 0) return null;
  const half = ((members.length + nonMembers.length) / 2) * inverseRegularisation;
  const classes = [
    { features: members, sign: 1, weight: half / members.length },
    { features: nonMembers, sign: -1, weight: half / nonMembers.length },
  ];

  const objective = (w: number, b: number) => {
    let sum = (w * w) / 2;
    for (const { features, sign, weight } of classes) {
      for (let i = 0; i < features.length; i++) sum += weight * softplus(-sign * (w * features[i] + b));
    }
    return sum;
  };

  let w = 0;
  let b = 0;
  let value = objective(w, b);
  for (let iteration = 0; iteration < iterationLimit; iteration++) {
    let gw = w;
    let gb = 0;
    let hww = 1;
    let hwb = 0;
    let hbb = 0;
    for (const { features, sign, weight } of classes) {
      for (let i = 0; i < features.length; i++) {
        const x = features[i];
        const wrong = 1 / (1 + Math.exp(sign * (w * x + b)));
        const curvature = weight * wrong * (1 - wrong);
        gw -= weight * sign * wrong * x;
        gb -= weight * sign * wrong;
        hww += curvature * x * x;
        hwb += curvature * x;
        hbb += curvature;
      }
    }
    const determinant = hww * hbb - hwb * hwb;
    const dw = (hwb * gb - hbb * gw) / determinant;
    const db = (hwb * gw - hww * gb) / determinant;
    // Twice the drop that Newton's quadratic model still promises; below rounding there is nothing left to gain.
    const decrement = -(gw * dw + gb * db);
    if (decrement <= 1e-15 * value) return { coefficient: w, intercept: b };
    // Armijo's rule; the slack is the rounding of the long sums, which near the optimum is larger than the drop itself.
    let step = 1;
    while (step > 1e-10 && objective(w + step * dw, b + step * db) > value * (1 + 1e-12) - 0.25 * step * decrement) step /= 2;
    w += step * dw;
    b += step * db;
    value = objective(w, b);
  }
  throw new LetheError("metrics/did-not-converge", `Logistic regression did not converge in ${iterationLimit} steps.`, {
    coefficient: w,
    intercept: b,
  });
}

/** log(1 + exp(x)) without overflow. */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
