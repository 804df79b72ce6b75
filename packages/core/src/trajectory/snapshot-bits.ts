import { LetheError } from "../errors/index.ts";
import { elementCount, type HostTree } from "../tree/index.ts";
import type { TrainingSnapshot } from "../train/index.ts";

/** Name, element type and shape of every tensor of a snapshot, in order. */
export type Layout = readonly (readonly [name: string, type: "F32" | "I32", shape: readonly number[]])[];

/** The tensors of a snapshot as 32-bit patterns: every one of them, on every backend, is float32 or int32. */
export interface SnapshotBits {
  readonly layout: Layout;
  readonly tensors: readonly Int32Array[];
}

type Trees = Pick<TrainingSnapshot, "parameters" | "buffers" | "slots">;

const groups = ["parameters", "buffers", "slots"] as const;

/**
 * Views of the snapshot's own memory.
 *
 * @throws LetheError `trajectory/unsupported-type`.
 */
export function bitsOfSnapshot(snapshot: Trees): SnapshotBits {
  const tensors = groups.flatMap((group) => Object.entries(snapshot[group]).map(([name, tensor]) => ({ name: `${group}/${name}`, ...tensor })));
  return {
    layout: tensors.map(({ name, shape, values }) => [name, typeOf(name, values), shape] as const),
    tensors: tensors.map(({ values }) => new Int32Array(values.buffer, values.byteOffset, values.length)),
  };
}

/** What {@link bitsOfSnapshot} was given. Views of the same memory. */
export function snapshotOfBits({ layout, tensors }: SnapshotBits): Trees {
  const group = (prefix: string): HostTree =>
    Object.fromEntries(
      layout.flatMap(([name, type, shape], i) => {
        if (!name.startsWith(`${prefix}/`)) return [];
        return [[name.slice(prefix.length + 1), { shape, values: valuesOf(type, tensors[i]) }]];
      }),
    );
  return { parameters: group("parameters"), buffers: group("buffers"), slots: group("slots") };
}

export function valuesOf(type: "F32" | "I32", bits: Int32Array): Float32Array | Int32Array {
  return type === "I32" ? bits : new Float32Array(bits.buffer, bits.byteOffset, bits.length);
}

export function isLayout(value: unknown): value is Layout {
  return Array.isArray(value) && value.every(isTensorLayout);
}

export function sameLayout(a: Layout, b: Layout): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function isTensorLayout(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 3) return false;
  const [name, type, shape] = value as unknown[];
  const isShape = Array.isArray(shape) && shape.every((size) => Number.isSafeInteger(size) && size >= 0);
  return typeof name === "string" && (type === "F32" || type === "I32") && isShape && elementCount(shape as number[]) < 2 ** 31;
}

function typeOf(name: string, values: HostTree[string]["values"]): "F32" | "I32" {
  if (values instanceof Float32Array) return "F32";
  if (values instanceof Int32Array) return "I32";
  const sentence = `The tensor ${name} is a ${values[Symbol.toStringTag]}; a trajectory holds what tfjs computes with, make it a Float32Array or an Int32Array.`;
  throw new LetheError("trajectory/unsupported-type", sentence, { name });
}
