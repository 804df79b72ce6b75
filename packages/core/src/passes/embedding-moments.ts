import type { LayerRecord } from "../model/index.ts";
import { elementCount } from "../tree/index.ts";
import type { RowTerms } from "./sum-over-batches.ts";

/**
 * The terms of sum_n |dE_n|^power of an embedding `[vocabulary, width]`: dE_n[v] is the sum of the output gradients at all positions of sample n
 * that hold token v. On the host, where the work is proportional to the tokens and not to the vocabulary.
 */
export async function embeddingMoments(record: LayerRecord, power: 1 | 2): Promise<RowTerms> {
  const name = record.layer.parameters["embeddings"];
  const width = record.outputGradient.shape.at(-1) ?? 1;
  const samples = record.input.shape[0];
  const positions = elementCount(record.input.shape.slice(1));
  const [tokens, gradients] = await Promise.all([record.input.data(), record.outputGradient.data()]);
  const at: number[] = [];
  const moments: number[] = [];
  for (let n = 0; n < samples; n++) {
    const rows = new Map<number, Float64Array>();
    for (let p = 0; p < positions; p++) {
      const from = n * positions + p;
      const token = tokens[from];
      let row = rows.get(token);
      if (row === undefined) rows.set(token, (row = new Float64Array(width)));
      for (let d = 0; d < width; d++) row[d] += gradients[from * width + d];
    }
    for (const [token, row] of rows) {
      at.push(token);
      for (let d = 0; d < width; d++) moments.push(power === 2 ? row[d] * row[d] : Math.abs(row[d]));
    }
  }
  return { name, at: Int32Array.from(at), values: Float64Array.from(moments) };
}
