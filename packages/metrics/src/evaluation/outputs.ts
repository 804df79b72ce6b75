import type { HostTensor } from "@lethe/core";
import { predictions } from "../outputs/accuracy.ts";
import { crossEntropy } from "../outputs/cross-entropy.ts";
import { entropy } from "../outputs/entropy.ts";
import { margin } from "../outputs/margin.ts";
import type { Matrix } from "../outputs/matrix.ts";
import { softmax } from "../outputs/softmax.ts";
import type { SetName } from "./metric.ts";

/** What one model says about one set, each quantity computed at its first use and kept. n samples, c classes. */
export interface SetOutputs {
  readonly count: number;
  /** `[n]` */
  readonly labels: Int32Array;
  /** `[n, c]` */
  probabilities(): Matrix;
  /** `[n]`, nats. */
  losses(): Float64Array;
  /** `[n]`, nats. */
  entropies(): Float64Array;
  /** `[n]`, log-odds. */
  margins(): Float64Array;
  /** `[n]` */
  predictions(): Int32Array;
}

/** One model on the three sets; and on the test set with a trigger in every sample, where the data was marked by one. */
export type ModelOutputs = Readonly<Record<SetName, SetOutputs>> & { readonly triggered?: SetOutputs };

export function createSetOutputs(logits: HostTensor, labels: Int32Array): SetOutputs {
  const probabilities = once(() => softmax(logits));
  return {
    count: labels.length,
    labels,
    probabilities,
    losses: once(() => crossEntropy(logits, labels)),
    entropies: once(() => entropy(probabilities())),
    margins: once(() => margin(logits, labels)),
    predictions: once(() => predictions(logits)),
  };
}

function once<Value extends object>(compute: () => Value): () => Value {
  let value: Value | undefined;
  return () => (value ??= compute());
}
