import * as tf from "@tensorflow/tfjs";
import { call, dispose, reshape, transpose } from "./kernel.ts";
import type { Inputs, WasmBackend } from "./kernel.ts";

/**
 * Kernel Einsum, which tfjs's wasm backend lacks, for one or two operands without repeated or elided axes (what tf.einsum accepts).
 *
 * Letters of two operands fall into four groups: batch (in a, b and the output), left (a and output), right (b and output) and summed
 * (a and b); letters of one operand alone that the output lacks are summed away first. The rest is one batched matrix product.
 */
export function einsum(backend: WasmBackend, inputs: Inputs, { equation }: { equation: string }): tf.TensorInfo {
  const tensors = Object.values(inputs);
  const { allDims, idDims } = tf.backend_util.decodeEinsumEquation(equation, tensors.length);
  tf.backend_util.checkEinsumDimSizes(allDims.length, idDims, tensors as tf.Tensor[]);
  const out = [...(equation.replace(/\s/g, "").split("->")[1] as string)];
  const terms = tensors.map((x, index): Term => ({
    x,
    letters: (idDims[index] as number[]).map((id) => allDims[id] as string),
  }));
  const [a, b] = terms.map((term, index) => sumAway(backend, term, [...out, ...(terms[1 - index]?.letters ?? [])])) as [Term, Term?];
  const result = b ? product(backend, a, b, out) : a;
  const y = arrange(backend, result, out);
  if (b) dispose(backend, b.x, result.x);
  dispose(backend, a.x);
  return y;
}

/** A tensor and the letter of each of its axes. The tensor is owned: whoever drops a term releases it. */
interface Term {
  x: tf.TensorInfo;
  letters: readonly string[];
}

/** The term summed over the letters that are not in `needed`; a new reference in any case. */
function sumAway(backend: WasmBackend, { x, letters }: Term, needed: readonly string[]): Term {
  const axis = letters.flatMap((letter, index) => (needed.includes(letter) ? [] : [index]));
  if (axis.length === 0) return { x: reshape(backend, x, x.shape), letters };
  const sum = call(backend, "Sum", { x }, { axis, keepDims: false });
  return { x: sum, letters: letters.filter((letter) => needed.includes(letter)) };
}

/** The term's axes in the order of `letters`; a new reference in any case. */
function arrange(backend: WasmBackend, term: Term, letters: readonly string[]): tf.TensorInfo {
  const perm = letters.map((letter) => term.letters.indexOf(letter));
  return perm.every((axis, index) => axis === index) ? reshape(backend, term.x, term.x.shape) : transpose(backend, term.x, perm);
}

function product(backend: WasmBackend, a: Term, b: Term, out: readonly string[]): Term {
  const both = a.letters.filter((letter) => b.letters.includes(letter));
  const batch = both.filter((letter) => out.includes(letter));
  const summed = both.filter((letter) => !out.includes(letter));
  const left = a.letters.filter((letter) => !both.includes(letter));
  const right = b.letters.filter((letter) => !both.includes(letter));
  const sizes = (letters: readonly string[]): number[] =>
    letters.map((letter) => [a, b].map(({ x, letters }) => x.shape[letters.indexOf(letter)]).find((size) => size !== undefined) as number);
  const matrix = (term: Term, rows: readonly string[], columns: readonly string[]): tf.TensorInfo => {
    const arranged = arrange(backend, term, [...batch, ...rows, ...columns]);
    const shape = [batch, rows, columns].map((letters) => tf.util.sizeFromShape(sizes(letters)));
    const flat = reshape(backend, arranged, shape);
    dispose(backend, arranged);
    return flat;
  };
  const [first, second] = [matrix(a, left, summed), matrix(b, summed, right)];
  const flat = call(backend, "BatchMatMul", { a: first, b: second }, { transposeA: false, transposeB: false });
  const letters = [...batch, ...left, ...right];
  const x = reshape(backend, flat, sizes(letters));
  dispose(backend, first, second, flat);
  return { x, letters };
}
