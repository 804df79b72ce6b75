import { LetheError } from "../errors/index.ts";
import type { HostTensor } from "../tree/index.ts";

/**
 * A tensor's values as float32, the one floating type of tfjs, where every one of them is a float32: those of F32, F16 and BF16 files always,
 * doubles and integers where nothing would be rounded. NaN and infinities pass.
 *
 * @param name of the tensor, and `source` of the file it is from, for errors.
 * @throws LetheError `safetensors/inexact`.
 *
 * @example
 * float32Values("scale", { shape: [2], values: Float64Array.of(0.5, 3) }, "weights.safetensors"); // Float32Array [0.5, 3]
 */
export function float32Values(name: string, { values }: HostTensor, source: string): Float32Array {
  if (values instanceof Float32Array) return values;
  const rounded = Float32Array.from(values);
  const index = rounded.findIndex((value, i) => !Object.is(value, values[i]));
  if (index === -1) return rounded;
  const sentence = `The tensor ${name} of ${source} holds ${values[index]} at position ${index}, which float32 cannot hold exactly; convert the file to float32 first.`;
  throw new LetheError("safetensors/inexact", sentence, { source, name, index, value: values[index] });
}
