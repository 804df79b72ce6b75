import * as tf from "@tensorflow/tfjs";
import { decodeSafetensors, float32Values, formatShape, LetheError, sameShape, type HostTensor } from "@lethe/core";
import type { ModelId } from "../registry.ts";
import type { WeightNames } from "./conventions.ts";
import { countedAnew } from "./keras-names.ts";
import { toOurs } from "./layout.ts";
import { planWeights, type PlannedWeight } from "./planned-weights.ts";
import { olderTorchvisionNames } from "./rules/vit.ts";

export interface ImportWeightsOptions {
  /** Whose names the file's tensors have. */
  readonly from: WeightNames;
  /** What the network was built as, at any width. */
  readonly architecture: ModelId;
  /** `"keep"`: the last layer stays as it is, for other classes than the file's. Default `"import"`. */
  readonly classifier?: "import" | "keep";
  /** Names the file in errors. */
  readonly source?: string;
}

/**
 * Gives a network the weights of a safetensors file that another library wrote, e.g. `save_file(model.state_dict(), ...)`. The network then computes
 * what the file's did: kernels are transposed from PyTorch's order, rows of dense layers behind a flattened image are moved from channels-first order,
 * fused queries, keys and values stand as they are, moving statistics are taken along and the batches they were counted over ignored.
 *
 * Nothing is changed unless all fits. The file says neither epsilons nor activations: batch norm has 1e-5 here and in PyTorch (Keras: 1e-3 unless told
 * otherwise), the layer norms of `vit` 1e-6 as timm's and torchvision's, gelu is the exact one. Which images the network expects, by mean and deviation,
 * stays with whoever trained it.
 *
 * @throws LetheError `weights/mismatch`, which lists every missing, unexpected and misshapen tensor; `weights/non-finite`; `weights/unknown-names`;
 * `weights/wrong-architecture`; `weights/uneven-padding` (`resnet8` and `resnet20` at even sides); `weights/ambiguous-name`; `safetensors/inexact`
 * and whatever `decodeSafetensors` throws.
 * @example
 * const options = { inputShape: [28, 28, 1], classes: 10 };
 * const bytes = await exportWeights(lenet5(options), { to: "pytorch", architecture: "lenet5" });
 * const network = lenet5(options);
 * importWeights(network, bytes, { from: "pytorch", architecture: "lenet5" });
 */
export function importWeights(network: tf.LayersModel, bytes: Uint8Array, options: ImportWeightsOptions): void {
  const { from, architecture, classifier = "import", source = "the weights" } = options;
  const planned = planWeights(network, architecture, from);
  const given = renamed(decodeSafetensors(bytes, source).tensors, from, source);
  const wanted = planned.filter(({ layer }) => classifier === "import" || layer !== "classifier");
  const known = new Set(planned.map(({ theirs }) => theirs));
  checkMatch(wanted, known, given, { architecture, from, source });
  const values = wanted.map(({ theirs, layout }) => toOurs(finiteValues(theirs, given.get(theirs)!, source), layout));
  tf.tidy(() => wanted.forEach(({ variable }, i) => variable.write(tf.tensor(values[i], variable.shape as number[], "float32"))));
}

/** The file's tensors by the names that the plan knows, without counters of batches, which no inference reads. */
function renamed(tensors: Readonly<Record<string, HostTensor>>, from: WeightNames, source: string): ReadonlyMap<string, HostTensor> {
  const names = Object.keys(tensors).filter((name) => !name.endsWith(".num_batches_tracked"));
  if (from === "keras") return new Map([...countedAnew(names, source)].map(([original, name]) => [name, tensors[original]]));
  return new Map(names.map((name) => [from === "torchvision" ? olderTorchvisionNames(name) : name, tensors[name]]));
}

function checkMatch(
  wanted: readonly PlannedWeight[],
  known: ReadonlySet<string>,
  given: ReadonlyMap<string, HostTensor>,
  { architecture, from, source }: { readonly architecture: ModelId; readonly from: WeightNames; readonly source: string },
): void {
  const missing = wanted.filter(({ theirs }) => !given.has(theirs)).map(({ theirs }) => theirs);
  const unexpected = [...given.keys()].filter((name) => !known.has(name));
  const misshapen = wanted.flatMap(({ theirs, layout }) => {
    const tensor = given.get(theirs);
    return tensor === undefined || sameShape(tensor.shape, layout.shape) ? [] : [{ name: theirs, shape: tensor.shape, needed: layout.shape }];
  });
  const facts = [
    ...listed("missing", missing),
    ...listed("unexpected", unexpected),
    ...listed(
      "of another shape",
      misshapen.map(({ name, shape, needed }) => `${name} ${formatShape(shape)} instead of ${formatShape(needed)}`),
    ),
  ];
  if (facts.length === 0) return;
  const sentence = `${source} does not fit ${architecture} with ${from} names: ${facts.join("; ")}; check the architecture, its width, its input and its classes.`;
  throw new LetheError("weights/mismatch", sentence, { source, architecture, from, missing, unexpected, misshapen });
}

function listed(what: string, names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : [`${names.length} ${what} (${names.join(", ")})`];
}

function finiteValues(name: string, tensor: HostTensor, source: string): Float32Array {
  const values = float32Values(name, tensor, source);
  const index = values.findIndex((value) => !Number.isFinite(value));
  if (index === -1) return values;
  const sentence = `The tensor ${name} of ${source} holds ${values[index]} at position ${index}; go back to weights from before training diverged.`;
  throw new LetheError("weights/non-finite", sentence, { source, name, index });
}
