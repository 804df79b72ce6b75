import type { ParityGroup } from "./parity-case.ts";

/** A case that a backend is known not to get right. */
export interface KnownLimit {
  readonly backends: readonly string[];
  readonly group: ParityGroup;
  /** The case's name. */
  readonly case: string;
  /**
   * `missing`: refused with an error. `wrong`: other numbers, without a word. `imprecise`: fewer digits, on some machines at least; what WebGPU promises of its
   * sine, for one, is an error below 2^-11.
   */
  readonly fault: "missing" | "wrong" | "imprecise";
  /** What happens, and what to do instead. */
  readonly sentence: string;
}

/** All of them, for every backend. A suite fails for an entry that is no longer true. */
export const knownLimits: readonly KnownLimit[] = [
  ...(["sin", "cos", "tan", "acos"] as const).map((name) => imprecise("kernels", name)),
  ...(["sin", "cos"] as const).flatMap((name) => [imprecise("gradients", name), imprecise("second derivatives", name)]),
  {
    backends: ["wasm"],
    group: "kernels",
    case: "sums of segments",
    fault: "missing",
    sentence: "tf.unsortedSegmentSum has no kernel; add up rows with tf.scatterND, as Lethe does in the gradient of gather.",
  },
  {
    backends: ["wasm"],
    group: "kernels",
    case: "max pooling with sizes rounded up",
    fault: "wrong",
    sentence: 'Pooling with dimRoundingMode "ceil" or "round" is wrong; pad the input and round down.',
  },
  {
    backends: ["cpu"],
    group: "kernels",
    case: "batch norm over channels that come second",
    fault: "wrong",
    sentence: "Batch norm over an axis that is not the last uses the parameters of other channels; transpose, so that channels come last.",
  },
  {
    backends: ["cpu", "webgpu"],
    group: "kernels",
    case: "einsum that sums a letter of one operand alone",
    fault: "wrong",
    sentence: "tf.einsum does not sum such a letter; sum the operand first.",
  },
];

function imprecise(group: ParityGroup, name: string): KnownLimit {
  const sentence = "Trigonometric functions are those of the GPU's shaders, good to three or four digits; no layer of a network is made of them.";
  return { backends: ["webgpu"], group, case: name, fault: "imprecise", sentence };
}

/** As Markdown, for the documentation. */
export function knownLimitsTable(): string {
  const rows = knownLimits.map((limit) => [limit.backends.join(", "), limit.group, limit.case, limit.fault, limit.sentence]);
  const lines = [["backend", "group", "case", "fault", "what happens, and what to do"], Array.from({ length: 5 }, () => "---"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
