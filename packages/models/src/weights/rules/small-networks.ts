import type { NameRules } from "../name-rules.ts";

// Small networks have no code that all others descend from: these are the names of PyTorch's tutorials, `conv1`, `bn1`, `fc1`, counted through.

export const mlpRules: NameRules = { "hidden{n}": "fc{n}.*", classifier: "fc{count}.*" };

export const lenet5Rules: NameRules = { conv1: "conv1.*", conv2: "conv2.*", hidden1: "fc1.*", hidden2: "fc2.*", classifier: "fc3.*" };

export const smallCnnRules: NameRules = {
  "block{n}/conv": "conv{n}.*",
  "block{n}/norm": "bn{n}.*",
  hidden: "fc1.*",
  classifier: "fc2.*",
};
