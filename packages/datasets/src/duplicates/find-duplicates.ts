import { LetheError, createRandom, elementCount, expectShape, type Dataset, type Progress } from "@lethe/core";
import { forEachBlock } from "./blocks.ts";
import { candidatePairs, mostRows } from "./candidates.ts";
import { contentKey, wordsOf } from "./content-key.ts";
import { normaliserFor, type Likeness, type Normalise } from "./likeness.ts";
import { createSignature, signatureLength } from "./signature.ts";
import { verifiedPairs } from "./verify.ts";

export interface DuplicateOptions {
  /** More samples to compare with, of the same shape. Twins within them are not looked for. */
  readonly test?: Dataset;
  /** Ids of the data: only their twins are looked for, which is what a deletion request needs to know. Default: all. */
  readonly of?: readonly string[];
  /** Largest {@link Likeness} distance of twins, above 0 and below 1. Default 0.1: for `"pattern"` a correlation of 0.995. */
  readonly threshold?: number;
  /** `"equal"` looks for equal inputs only. Default: that for whole numbers (tokens), `"values"` for vectors, `"pattern"` for everything else. */
  readonly likeness?: Likeness | "equal";
  /** Of the random projections. Default 0. */
  readonly seed?: number | string;
  readonly signal?: AbortSignal;
  /** Told of the samples that have been read, which is most of the work. */
  readonly onProgress?: (progress: Progress) => void;
}

export interface Member {
  readonly set: "data" | "test";
  readonly id: string;
}

export interface NearPair {
  readonly a: Member;
  readonly b: Member;
  readonly distance: number;
}

export interface Duplicates {
  readonly likeness: Likeness | "equal";
  readonly threshold: number;
  /** Samples that were looked at. */
  readonly compared: number;
  /** Groups of two or more samples with the same bits. */
  readonly exact: readonly (readonly Member[])[];
  /** Pairs of different inputs within the threshold, nearest first; the first of a group stands for all of it. */
  readonly near: readonly NearPair[];
}

/**
 * Finds samples that are in the data twice, or all but twice: with the same bits, or within a distance that is computed for every pair that is reported. Labels do not
 * matter.
 *
 * Near twins are searched by random projections (see {@link candidatePairs}), so that time grows in proportion to the number of samples: what is reported is true, but of the
 * pairs at the very threshold about one in a hundred is missed, of those at half of it one in a hundred thousand; and in a crowd of hundreds of look-alikes not every pair is
 * reported. An input without any contrast has exact twins only. Memory: 1 KB per sample and 100 MB; inputs are read a block at a time, once (twice for `"values"`), and those of
 * candidates again.
 *
 * @throws LetheError `duplicates/bad-threshold`, `duplicates/too-many` beyond 2,097,152 samples, `forget/unknown-id`, `data/shape-mismatch`, `run/aborted`.
 * @example
 * const waves = arrayDataset({ inputs: new Float32Array([0, 1, 0, 2, 0, 1, 0, 2, 5, 6, 5, 7.01, 1, 0, 0, 0]), inputShape: [2, 2], labels: [0, 0, 0, 1] });
 * const { exact, near } = await findDuplicates(waves);
 * exact; // [[{ set: "data", id: "0" }, { set: "data", id: "1" }]]
 * near.map(({ a, b }) => [a.id, b.id]); // [["0", "2"]]
 */
export async function findDuplicates(data: Dataset, options: DuplicateOptions = {}): Promise<Duplicates> {
  const { test, threshold = 0.1, seed = 0, signal, onProgress } = options;
  if (!(threshold > 0 && threshold < 1)) {
    throw new LetheError("duplicates/bad-threshold", `Twins cannot be at a distance of ${threshold}; give a number above 0 and below 1.`, {
      threshold,
    });
  }
  if (test !== undefined) expectShape("data/shape-mismatch", `An input of ${test.name}`, data.inputShape, test.inputShape);
  const total = data.size + (test?.size ?? 0);
  if (total > mostRows) throw new LetheError("duplicates/too-many", `${total} samples are more than can be compared; give ${mostRows} at most.`);
  const asked = askedRows(data, options.of);
  const likeness = options.likeness ?? (await usualLikeness(data));
  const random = createRandom(seed).split("duplicates");
  const normalise = likeness === "equal" ? undefined : await normaliserFor(likeness, data);
  const parts = test === undefined ? [data] : [data, test];
  const { groups, signed, signatures } = await scan(parts, normalise, createSignature(elementCount(data.inputShape), random.split("signature")), {
    signal,
    onRead: (completed) => onProgress?.({ phase: "looking for twins", completed, total, unit: "samples" }),
  });

  const member = (row: number): Member => (row < data.size ? { set: "data", id: data.ids[row] } : { set: "test", id: test!.ids[row - data.size] });
  const isAsked = (row: number) => groups.get(row)!.some(asked);
  const exact = [...groups.values()].filter((rows) => rows.length > 1 && rows.some(asked)).map((rows) => rows.map(member));
  const common = { likeness, threshold, compared: total, exact };
  if (normalise === undefined) return { ...common, near: [] };
  const askedSigned = Uint8Array.from(signed, (row) => Number(isAsked(row)));
  const pairs = candidatePairs(signatures, signed.length, threshold, (index) => askedSigned[index] === 1, random.split("tables"));
  const rows = Array.from(pairs, (pair): [number, number] => [signed[Math.floor(pair / signed.length)], signed[pair % signed.length]]);
  const near = await verifiedPairs(parts, rows, normalise, threshold, signal);
  return { ...common, near: near.map(({ a, b, distance }) => ({ a: member(a), b: member(b), distance })) };
}

interface Scan {
  /** Rows with the same bits, by the first of them. */
  readonly groups: ReadonlyMap<number, readonly number[]>;
  /** First rows that have something to compare, in the order of the signatures. */
  readonly signed: readonly number[];
  readonly signatures: Float32Array;
}

async function scan(
  parts: readonly Dataset[],
  normalise: Normalise | undefined,
  sign: ReturnType<typeof createSignature>,
  { signal, onRead }: { readonly signal: AbortSignal | undefined; readonly onRead: (samples: number) => void },
): Promise<Scan> {
  const stride = elementCount(parts[0].inputShape);
  const total = parts.reduce((sum, { size }) => sum + size, 0);
  const firsts = new Map<string, number>();
  const groups = new Map<number, number[]>();
  const signed: number[] = [];
  const signatures = new Float32Array(normalise === undefined ? 0 : total * signatureLength);
  const vector = new Float64Array(stride);
  let offset = 0;
  for (const part of parts) {
    await forEachBlock(
      part,
      (values, count, first) => {
        const words = wordsOf(values);
        for (let i = 0; i < count; i++) {
          const row = offset + first + i;
          const key = contentKey(words, i * stride, (i + 1) * stride);
          const earlier = firsts.get(key);
          if (earlier !== undefined) {
            groups.get(earlier)!.push(row);
            continue;
          }
          firsts.set(key, row);
          groups.set(row, [row]);
          if (normalise?.(values.subarray(i * stride, (i + 1) * stride), vector) !== true) continue;
          const at = signed.length * signatureLength;
          sign(vector, signatures.subarray(at, at + signatureLength));
          signed.push(row);
        }
        onRead(offset + first + count);
      },
      signal,
    );
    offset += part.size;
  }
  return { groups, signed, signatures };
}

function askedRows(data: Dataset, of: readonly string[] | undefined): (row: number) => boolean {
  if (of === undefined) return (row) => row < data.size;
  const known = new Set(data.ids);
  const unknown = of.find((id) => !known.has(id));
  if (unknown !== undefined)
    throw new LetheError("forget/unknown-id", `${data.name} has no sample ${unknown} to look for twins of.`, { id: unknown });
  const wanted = new Set(of);
  return (row) => row < data.size && wanted.has(data.ids[row]);
}

async function usualLikeness(data: Dataset): Promise<Likeness | "equal"> {
  if (data.size === 0) return "equal";
  const { inputs } = await data.read([0]);
  if (!(inputs.values instanceof Float32Array)) return "equal";
  return data.inputShape.length > 1 ? "pattern" : "values";
}
