import type { ParityMethod } from "@lethe/conformance/parity";
import { pgu } from "@lethe/pgu";
import { ssd } from "@lethe/ssd";

/** Methods whose requests are compared on every backend: one that dampens weights, one that takes projected gradient steps. */
export const parityMethods: readonly ParityMethod[] = [
  { name: "SSD", configure: () => ssd({ selection: "fixed", alpha: 2, batchSize: 5 }) },
  {
    name: "PGU",
    configure: () => pgu({ epochs: 3, batchSize: 2, tau: 0.7, stop: "epochs" }),
    // It knows no embeddings of positions.
    networks: ["perceptron", "small CNN", "ResNet-8"],
  },
];
