import * as tf from "@tensorflow/tfjs";
import type { TensorTree } from "./tensor-tree.ts";

export type HostArray = Float32Array | Float64Array | Int32Array | Uint8Array;

/** A tensor in host memory, row-major. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly values: HostArray;
}

/** Named host tensors: statistics summed in float64, stored artifacts, files. */
export type HostTree = Readonly<Record<string, HostTensor>>;

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((count, size) => count * size, 1);
}

/** Downloads a tree; float32 values stay float32, everything else becomes int32. The tensors stay the caller's. */
export async function toHost(tree: TensorTree): Promise<HostTree> {
  const entries = await Promise.all(
    Object.entries(tree).map(async ([name, tensor]): Promise<[string, HostTensor]> => {
      const values = await tensor.data();
      // A backend may hand out a view of its own memory: copy, so that the result outlives the tensor.
      return [name, { shape: [...tensor.shape], values: tensor.dtype === "float32" ? Float32Array.from(values) : Int32Array.from(values) }];
    }),
  );
  return Object.fromEntries(entries);
}

/** Uploads a tree; float64 is rounded to float32, the one floating type of tfjs. */
export function fromHost(tree: HostTree): TensorTree {
  return Object.fromEntries(Object.entries(tree).map(([name, tensor]) => [name, tensorFromHost(tensor)]));
}

function tensorFromHost({ shape, values }: HostTensor): tf.Tensor {
  if (values instanceof Float32Array || values instanceof Float64Array) {
    return tf.tensor(Float32Array.from(values), [...shape], "float32");
  }
  return tf.tensor(Int32Array.from(values), [...shape], "int32");
}

/** Float64 zeros in the shapes of `tree`: the start of a sum over batches. */
export function hostZeros(tree: Readonly<Record<string, { readonly shape: readonly number[] }>>): HostTree {
  return Object.fromEntries(
    Object.entries(tree).map(([name, { shape }]) => [name, { shape: [...shape], values: new Float64Array(elementCount(shape)) }]),
  );
}

/** `sums += terms` in place, name by name; a name absent from `terms` is left alone. */
export function addInto(sums: HostTree, terms: HostTree): void {
  for (const [name, { values }] of Object.entries(terms)) {
    const target = sums[name].values;
    for (let i = 0; i < values.length; i++) target[i] += values[i];
  }
}

/** `body` of every element, in float64. A plain loop: over millions of elements, `Float64Array.from` with a function takes ten times as long. */
export function mapHost(tree: HostTree, body: (value: number, name: string, at: number) => number): HostTree {
  return Object.fromEntries(
    Object.entries(tree).map(([name, { shape, values }]) => {
      const mapped = new Float64Array(values.length);
      for (let i = 0; i < mapped.length; i++) mapped[i] = body(values[i], name, i);
      return [name, { shape, values: mapped }];
    }),
  );
}

/** `a - b` in float64. */
export function subtractTree(a: HostTree, b: HostTree): HostTree {
  return mapHost(a, (value, name, at) => value - b[name].values[at]);
}

export function isFiniteTree(tree: HostTree): boolean {
  return Object.values(tree).every(({ values }) => values.every(Number.isFinite));
}
