import { describeMethod } from "@lethe/conformance";
import { pgu } from "./index.ts";

const badOptions = [
  { options: { tau: 1.1 }, mentions: "tau" },
  { options: { layers: { head: -1 } }, mentions: "layers.head" },
  { options: { rankRule: "svd" }, mentions: "rankRule" },
  { options: { rate: 0 }, mentions: "rate" },
  { options: { epochs: 0 }, mentions: "epochs" },
  { options: { offset: 0 }, mentions: "offset" },
  { options: { stop: "never" }, mentions: "stop" },
];

describeMethod({ name: "@lethe/pgu", configure: () => pgu({ batchSize: 2, epochs: 3, tau: 0.7 }), badOptions });
describeMethod({
  name: "@lethe/pgu, all epochs, shuffled, with dropout",
  configure: () => pgu({ batchSize: 1, epochs: 2, tau: 0.5, stop: "epochs", order: "shuffled", dropout: "on", weightDecay: 1e-3 }),
  badOptions,
});
describeMethod({ name: "@lethe/pgu, looking at the retained data", configure: () => pgu({ batchSize: 2, epochs: 2, stop: "retain" }), badOptions });
describeMethod({
  name: "@lethe/pgu, depoisoning",
  configure: () => pgu({ batchSize: 2, epochs: 2, objective: "depoison", rankRule: "depoison", stop: "epochs" }),
  badOptions,
});
