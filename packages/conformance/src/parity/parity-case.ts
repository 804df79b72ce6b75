import * as tf from "@tensorflow/tfjs";

/** What the cases are about, in the order in which they are run. */
export const parityGroups = ["kernels", "gradients", "second derivatives", "Fisher", "training", "requests"] as const;
export type ParityGroup = (typeof parityGroups)[number];

/** An array of numbers as a backend gave it, or as the definition has it. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

/** What one case gives: arrays by name. */
export type Results = Readonly<Record<string, Numbers>>;

/** One computation that gives the same numbers on every backend, up to rounding. */
export interface ParityCase {
  readonly group: ParityGroup;
  /** Of its own among all cases: known limits are looked up by it. */
  readonly name: string;
  /** On the backend that is set; leaves no tensor behind. */
  compute(): Promise<Results>;
  /** The same in float64, by the definition. Without it, what the cpu backend computes is the reference. */
  reference?(): Results;
}

/**
 * The largest deviation that is allowed, relative to the largest number. Float32 rounds at 6e-8; what is above that is for sums in another order and for
 * the few last bits that backends' own exp, tanh and pow differ in.
 */
export const tolerances: Readonly<Record<ParityGroup, number>> = {
  kernels: 1e-5,
  gradients: 2e-5,
  "second derivatives": 1e-4,
  Fisher: 1e-4,
  training: 1e-3,
  requests: 1e-4,
};

/** A case whose results are the tensors that `build` makes. */
export function tensorCase(
  group: ParityGroup,
  name: string,
  build: () => tf.Tensor | readonly tf.Tensor[],
  reference?: () => readonly Numbers[],
): ParityCase {
  const compute = async (): Promise<Results> => {
    const made = tf.tidy(() => {
      const tensors = build();
      return tensors instanceof tf.Tensor ? [tensors] : [...tensors];
    });
    try {
      return listed(await Promise.all(made.map(read)));
    } finally {
      tf.dispose(made);
    }
  };
  return { group, name, compute, ...(reference ? { reference: () => listed(reference()) } : {}) };
}

async function read(tensor: tf.Tensor): Promise<Numbers> {
  // Copied: where it can, tfjs hands out the memory that it computes in.
  return { shape: tensor.shape, values: Float64Array.from(await tensor.data()) };
}

function listed(results: readonly Numbers[]): Results {
  return Object.fromEntries(results.map((result, position) => [`output ${position}`, result]));
}
