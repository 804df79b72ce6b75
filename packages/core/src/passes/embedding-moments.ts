import type { LayerRecord } from "../model/index.ts";
import { elementCount, type HostTree } from "../tree/index.ts";

/**
 * Adds sum_n |dE_n|^power of an embedding `[vocabulary, width]` to the sums: dE_n[v] is the sum of the output gradients at all positions of sample n
 * that hold token v. On the host, where the work is proportional to the tokens and not to the vocabulary.
 */
export async function embeddingMoments(record: LayerRecord, power: 1 | 2): Promise<(sums: HostTree) => void> {
  const name = record.layer.parameters["embeddings"];
  const width = record.outputGradient.shape.at(-1) ?? 1;
  const samples = record.input.shape[0];
  const positions = elementCount(record.input.shape.slice(1));
  const [tokens, gradients] = await Promise.all([record.input.data(), record.outputGradient.data()]);
  return (sums) => {
    const { values } = sums[name];
    for (let n = 0; n < samples; n++) {
      const rows = new Map<number, Float64Array>();
      for (let p = 0; p < positions; p++) {
        const at = n * positions + p;
        const token = tokens[at];
        let row = rows.get(token);
        if (row === undefined) rows.set(token, (row = new Float64Array(width)));
        for (let d = 0; d < width; d++) row[d] += gradients[at * width + d];
      }
      for (const [token, row] of rows) {
        for (let d = 0; d < width; d++) values[token * width + d] += power === 2 ? row[d] * row[d] : Math.abs(row[d]);
      }
    }
  };
}
