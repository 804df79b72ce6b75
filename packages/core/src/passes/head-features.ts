import { arrayDataset, type Dataset } from "../data/index.ts";
import { headInputs, type Head, type Model } from "../model/index.ts";
import type { PassOptions } from "./read-batches.ts";
import { forEachBatch } from "./sum-over-batches.ts";

/** The data set as the head of a model sees it: features `[width]` in memory, with the same ids and labels. One forward pass. */
export async function headFeatures(model: Model, head: Pick<Head, "layer">, data: Dataset, options: Omit<PassOptions, "order">): Promise<Dataset> {
  let values = new Float32Array(0);
  let width = 0;
  let written = 0;
  await forEachBatch(data, options, async (batch, indices) => {
    const features = headInputs(model, head, batch.inputs);
    try {
      width = features.shape[1];
      if (values.length === 0) values = new Float32Array(data.size * width);
      values.set(await features.data(), written);
    } finally {
      features.dispose();
    }
    written += indices.length * width;
    options.context.meter.forward(indices.length);
  });
  const { name, labels, ids, classCount } = data;
  return arrayDataset({ name: `features of ${name}`, inputs: values, inputShape: [width], labels, ids, classCount });
}
