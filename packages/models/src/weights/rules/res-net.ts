import type { NameRules } from "../name-rules.ts";

/** `resnet18` and the like of torchvision, and of timm, which names them alike. */
export const torchvisionResNet: NameRules = {
  "stem/conv": "conv1.*",
  "stem/norm": "bn1.*",
  "stage{stage}/block{block}/conv{n}": "layer{stage}.{block-1}.conv{n}.*",
  "stage{stage}/block{block}/norm{n}": "layer{stage}.{block-1}.bn{n}.*",
  "stage{stage}/block{block}/shortcut/conv": "layer{stage}.{block-1}.downsample.0.*",
  "stage{stage}/block{block}/shortcut/norm": "layer{stage}.{block-1}.downsample.1.*",
  classifier: "fc.*",
};

/** The residual networks for CIFAR of kuangliu/pytorch-cifar, which much of the literature's code descends from. */
export const cifarResNet: NameRules = {
  ...torchvisionResNet,
  "stage{stage}/block{block}/shortcut/conv": "layer{stage}.{block-1}.shortcut.0.*",
  "stage{stage}/block{block}/shortcut/norm": "layer{stage}.{block-1}.shortcut.1.*",
  classifier: "linear.*",
};
