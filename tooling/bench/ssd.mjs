// @ts-check
import { chooseBackend } from "@lethe/backends";
import { Model, prepare, unlearn } from "@lethe/core";
import { ssd } from "@lethe/ssd";
import { medianOfPairs } from "./pairs.mjs";
import { fashion, network } from "./problems.mjs";

/** One class of the Fashion-MNIST sample (200 of 2,000): a request that has to prepare first, over one that finds the artifact. */
export async function scratchOverPrepared() {
  await chooseBackend();
  const data = await fashion();
  const model = network("small-cnn", [28, 28, 1]);
  const method = ssd();
  const { artifact } = await prepare({ model, data, method });
  /** @param {typeof artifact} given */
  const request = async (given) => {
    const result = await unlearn({ model, data, forget: { class: 2 }, method, artifact: given });
    new Model(result.model).dispose();
  };
  return medianOfPairs(
    () => request(undefined),
    () => request(artifact),
    { pairs: 7, warmup: 1 },
  );
}
