import { LetheError, type HostTensor } from "@lethe/core";

/**
 * One number per sample from the rows of two `[n, c]` tensors; `body` gets the position of the row's first value and the row's length.
 *
 * @throws LetheError `metrics/shape-mismatch` unless both are `[n, c]` of the same sizes.
 */
export function perRow(p: HostTensor, q: HostTensor, body: (start: number, classCount: number) => number): Float64Array {
  const [count, classCount] = p.shape;
  if (p.shape.length !== 2 || q.shape.length !== 2 || q.shape[0] !== count || q.shape[1] !== classCount) {
    throw new LetheError("metrics/shape-mismatch", `Outputs of shapes [${p.shape.join(", ")}] and [${q.shape.join(", ")}] cannot be compared.`, {
      first: p.shape,
      second: q.shape,
    });
  }
  return Float64Array.from({ length: count }, (_, row) => body(row * classCount, classCount));
}
