import { LetheError, type HostTensor } from "@lethe/core";

/** What separates the two classes of {@link fitSupportVectorMachine}. */
export interface SupportVectorMachine {
  /** b of f(x) = sum over i of alpha_i y_i K(x_i, x) + b. */
  readonly intercept: number;
  readonly supportVectorCounts: { readonly members: number; readonly nonMembers: number };
  /** f of every row of `[n, d]` features; member where f >= 0. */
  decide(features: HostTensor): Float64Array;
}

export interface SupportVectorOptions {
  /** C > 0, the same for both classes. */
  readonly penalty: number;
  /** gamma of K(a, b) = exp(-gamma norm2(a - b)^2); default 1 / d. */
  readonly gamma?: number;
}

/** By how much the optimality conditions may be violated: a tenth of what LIBSVM allows by default. Much less can take a hundred times as long. */
const tolerance = 1e-4;
/** Stands in for a curvature that is zero, as between two equal samples. */
const smallestCurvature = 1e-12;
/** Kernel rows are kept up to this many numbers (256 MB). */
const keptNumbers = 2 ** 25;

/**
 * Support-vector classifier with a Gaussian kernel: minimise 1/2 sum over i, j of alpha_i alpha_j y_i y_j K(x_i, x_j) - sum of alpha_i subject
 * to 0 <= alpha_i <= C and sum of y_i alpha_i = 0; y = +1 for members, -1 for others.
 *
 * Sequential minimal optimisation: each step solves for two multipliers in closed form, the pair chosen with second-order information (Fan,
 * Chen, Lin 2005, JMLR 6, working set selection 2). Deterministic. Each step costs O(n), the whole about O(n^2) to O(n^3).
 *
 * @param samples `[n, d]` features of the two classes.
 * @returns null when either class is empty.
 * @throws LetheError `metrics/shape-mismatch`, `metrics/nan-score`, `metrics/bad-argument`, `metrics/did-not-converge`.
 * @example
 * const members = { shape: [2, 1], values: Float64Array.of(0.9, 1) };
 * const nonMembers = { shape: [2, 1], values: Float64Array.of(0, 0.1) };
 * const machine = fitSupportVectorMachine({ members, nonMembers }, { penalty: 3 });
 * machine?.decide({ shape: [2, 1], values: Float64Array.of(0.8, 0.2) }).map(Math.sign); // [1, -1]
 */
export function fitSupportVectorMachine(
  { members, nonMembers }: { readonly members: HostTensor; readonly nonMembers: HostTensor },
  { penalty, gamma = 1 / members.shape[1] }: SupportVectorOptions,
): SupportVectorMachine | null {
  const width = checkFeatures(members, members.shape[1]);
  checkFeatures(nonMembers, width);
  if (!(penalty > 0 && gamma > 0)) {
    throw new LetheError("metrics/bad-argument", `A support-vector machine needs C > 0 and gamma > 0, not ${penalty} and ${gamma}.`, {
      penalty,
      gamma,
    });
  }
  const memberCount = members.shape[0];
  const count = memberCount + nonMembers.shape[0];
  if (memberCount === 0 || memberCount === count) return null;
  const values = Float64Array.from([...members.values, ...nonMembers.values]);
  const signs = Float64Array.from({ length: count }, (_, i) => (i < memberCount ? 1 : -1));
  const kernel = (a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number) => {
    let square = 0;
    for (let k = 0; k < width; k++) square += (a[i * width + k] - b[j * width + k]) ** 2;
    return Math.exp(-gamma * square);
  };
  const row = (i: number) => {
    const result = new Float64Array(count);
    for (let j = 0; j < count; j++) result[j] = kernel(values, i, values, j);
    return result;
  };
  const { multipliers, intercept } = solve(signs, penalty, row);
  const support = Array.from(multipliers.keys()).filter((i) => multipliers[i] > 0);
  const supportingMembers = support.filter((i) => i < memberCount).length;
  return {
    intercept,
    supportVectorCounts: { members: supportingMembers, nonMembers: support.length - supportingMembers },
    decide(features) {
      checkFeatures(features, width);
      return Float64Array.from({ length: features.shape[0] }, (_, j) => {
        let sum = intercept;
        for (const i of support) sum += multipliers[i] * signs[i] * kernel(values, i, features.values, j);
        return sum;
      });
    },
  };
}

/** Multipliers and intercept from rows of the kernel matrix. */
function solve(signs: Float64Array, penalty: number, makeRow: (i: number) => Float64Array): { multipliers: Float64Array; intercept: number } {
  const count = signs.length;
  const row = keeping(makeRow, Math.max(2, Math.floor(keptNumbers / count)));
  const multipliers = new Float64Array(count);
  // Gradient of the objective times -y: the intercept that sample i alone would want.
  const wanted = Float64Array.from(signs);
  const mayRise = (i: number) => (signs[i] > 0 ? multipliers[i] < penalty : multipliers[i] > 0);
  const mayFall = (i: number) => (signs[i] > 0 ? multipliers[i] > 0 : multipliers[i] < penalty);

  const limit = Math.max(1_000_000, 100 * count);
  for (let iteration = 0; iteration < limit; iteration++) {
    let up = -1;
    let lowest = Infinity;
    for (let i = 0; i < count; i++) {
      if (mayRise(i) && (up < 0 || wanted[i] > wanted[up])) up = i;
      if (mayFall(i)) lowest = Math.min(lowest, wanted[i]);
    }
    if (up < 0 || wanted[up] - lowest < tolerance) return { multipliers, intercept: interceptOf(wanted, mayRise, mayFall) };
    const upRow = row(up);
    let down = -1;
    let best = -1;
    for (let j = 0; j < count; j++) {
      const gap = wanted[up] - wanted[j];
      if (gap <= 0 || !mayFall(j)) continue;
      // The kernel of a sample with itself is 1.
      const gain = gap ** 2 / Math.max(2 - 2 * upRow[j], smallestCurvature);
      if (gain > best) [best, down] = [gain, j];
    }
    const downRow = row(down);
    const step = (wanted[up] - wanted[down]) / Math.max(2 - 2 * upRow[down], smallestCurvature);
    // Along y the pair moves by (+t, -t); the box ends the move.
    const room = signs[up] > 0 ? penalty - multipliers[up] : multipliers[up];
    const otherRoom = signs[down] > 0 ? multipliers[down] : penalty - multipliers[down];
    const t = Math.min(step, room, otherRoom);
    multipliers[up] = t === room ? (signs[up] > 0 ? penalty : 0) : multipliers[up] + signs[up] * t;
    multipliers[down] = t === otherRoom ? (signs[down] > 0 ? 0 : penalty) : multipliers[down] - signs[down] * t;
    for (let k = 0; k < count; k++) wanted[k] -= t * (upRow[k] - downRow[k]);
  }
  throw new LetheError("metrics/did-not-converge", `The support-vector machine did not converge in ${limit} steps.`, { samples: count });
}

/** The mean over free multipliers, for which all wanted intercepts agree; without any, the middle of what the others allow. */
function interceptOf(wanted: Float64Array, mayRise: (i: number) => boolean, mayFall: (i: number) => boolean): number {
  let sum = 0;
  let free = 0;
  let lower = -Infinity;
  let upper = Infinity;
  wanted.forEach((value, i) => {
    if (mayRise(i) && mayFall(i)) {
      sum += value;
      free++;
    } else if (mayRise(i)) lower = Math.max(lower, value);
    else upper = Math.min(upper, value);
  });
  return free > 0 ? sum / free : (lower + upper) / 2;
}

/** Remembers up to `most` rows, and lets the oldest go first. */
function keeping(make: (i: number) => Float64Array, most: number): (i: number) => Float64Array {
  const rows = new Map<number, Float64Array>();
  return (i) => {
    let row = rows.get(i);
    if (row !== undefined) return row;
    row = make(i);
    if (rows.size >= most) rows.delete(rows.keys().next().value as number);
    rows.set(i, row);
    return row;
  };
}

function checkFeatures({ shape, values }: HostTensor, width: number): number {
  if (shape.length !== 2 || width < 1 || shape[1] !== width || values.length !== shape[0] * width) {
    throw new LetheError("metrics/shape-mismatch", `Features of shape [${shape.join(", ")}] are not [samples, ${width}].`, { shape, width });
  }
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    const sample = Math.floor(bad / width);
    throw new LetheError("metrics/nan-score", `A feature of sample ${sample} is ${values[bad]}.`, { sample });
  }
  return width;
}
