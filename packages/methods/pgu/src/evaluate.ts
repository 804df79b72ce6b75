import { collectLogits, type Context, type Dataset, type Model, type Weights } from "@lethe/core";

export interface Performance {
  /** Share of samples whose largest logit is that of their label. */
  readonly accuracy: number;
  /** Mean of -log softmax(z)_y. */
  readonly loss: number;
  /** Accuracy on the samples of each class; of none, `undefined`. */
  readonly byClass: readonly (number | undefined)[];
}

export interface EvaluationOptions {
  readonly context: Context;
  readonly batchSize: number;
  readonly phase: string;
}

/** How a model with these weights does on labelled data, in inference mode. */
export async function evaluate(model: Model, weights: Weights, data: Dataset, options: EvaluationOptions): Promise<Performance> {
  const { values } = await collectLogits(model, data, options, weights);
  const classes = model.classCount;
  const [right, seen] = [new Float64Array(classes), new Float64Array(classes)];
  let loss = 0;
  data.labels.forEach((label, n) => {
    const logits = (values as Float32Array).subarray(n * classes, (n + 1) * classes);
    const largest = logits.reduce((most, logit) => Math.max(most, logit), Number.NEGATIVE_INFINITY);
    seen[label]++;
    right[label] += Number(logits.indexOf(largest) === label);
    loss += Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0)) - (logits[label] - largest);
  });
  const total = (counts: Float64Array) => counts.reduce((sum, count) => sum + count, 0);
  return {
    accuracy: total(right) / data.size,
    loss: loss / data.size,
    byClass: Array.from(seen, (count, label) => (count === 0 ? undefined : right[label] / count)),
  };
}
