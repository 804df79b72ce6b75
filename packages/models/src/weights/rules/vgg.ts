import type { NameRules } from "../name-rules.ts";

/** VGG for CIFAR of kuangliu/pytorch-cifar: one `Sequential` of convolutions, norms, ReLUs and poolings, each of which counts. */
export const vggRules: NameRules = {
  "stage{stage}/conv{n}": "features.{index}.*",
  "stage{stage}/norm{n}": "features.{index}.*",
  classifier: "classifier.*",
};
