import type * as tf from "@tensorflow/tfjs";
import { encodeSafetensors, type HostTensor } from "@lethe/core";
import type { ModelId } from "../registry.ts";
import type { WeightNames } from "./conventions.ts";
import { toTheirs } from "./layout.ts";
import { planWeights, type PlannedWeight } from "./planned-weights.ts";

export interface ExportWeightsOptions {
  /** Whose names the tensors get. */
  readonly to: WeightNames;
  /** What the network was built as, at any width. */
  readonly architecture: ModelId;
}

/**
 * The network's weights as a safetensors file that another library's network of the same shape loads, in PyTorch by
 * `model.load_state_dict(load_file(path))`: the inverse of {@link importWeights}, bit for bit. PyTorch's counters of batches are written as 0; they
 * matter only to batch norm without momentum.
 *
 * @throws LetheError `weights/unknown-names`, `weights/wrong-architecture`, `weights/uneven-padding`.
 * @example
 * const network = mlp({ inputShape: [64], classes: 10, hidden: [32] });
 * const bytes = await exportWeights(network, { to: "pytorch", architecture: "mlp" });
 * decodeSafetensors(bytes).tensors["fc1.weight"].shape; // [32, 64]
 */
export async function exportWeights(network: tf.LayersModel, { to, architecture }: ExportWeightsOptions): Promise<Uint8Array<ArrayBuffer>> {
  const planned = planWeights(network, architecture, to);
  const tensors = await Promise.all(planned.map(exported));
  // `format` is what the libraries of the format's authors look for before they hand a file to PyTorch.
  return encodeSafetensors(Object.fromEntries(tensors.flat()), to === "keras" ? {} : { format: "pt" });
}

const runningVariance = ".running_var";

async function exported({ variable, theirs, layout }: PlannedWeight): Promise<readonly (readonly [string, HostTensor])[]> {
  const values = toTheirs((await variable.read().data()) as Float32Array, layout);
  const tensor = [theirs, { shape: layout.shape, values }] as const;
  if (!theirs.endsWith(runningVariance)) return [tensor];
  const counter = `${theirs.slice(0, -runningVariance.length)}.num_batches_tracked`;
  return [tensor, [counter, { shape: [], values: Int32Array.of(0) }]];
}
