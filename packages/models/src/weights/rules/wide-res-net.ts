import type { NameRules } from "../name-rules.ts";

/** The wide residual network of xternalz/WideResNet-pytorch. */
export const wideResNetRules: NameRules = {
  "stem/conv": "conv1.*",
  "stage{stage}/block{block}/norm{n}": "block{stage}.layer.{block-1}.bn{n}.*",
  "stage{stage}/block{block}/conv{n}": "block{stage}.layer.{block-1}.conv{n}.*",
  "stage{stage}/block{block}/shortcut/conv": "block{stage}.layer.{block-1}.convShortcut.*",
  norm: "bn1.*",
  classifier: "fc.*",
};
