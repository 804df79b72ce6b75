import { describeMethod } from "@lethe/conformance";
import { amnesiac } from "./index.ts";
import { amnesiacRelabel } from "./relabel/index.ts";

describeMethod({
  name: "@lethe/amnesiac",
  configure: () => amnesiac(),
  badOptions: [
    { options: { sensitive: "none" }, mentions: "sensitive" },
    { options: { sensitive: [] }, mentions: "sensitive" },
    { options: { sensitive: { class: -1 } }, mentions: "sensitive" },
    { options: { sensitive: { column: "site" } }, mentions: "sensitive" },
    { options: { repairEpochs: -1 }, mentions: "repairEpochs" },
    { options: { repairEpochs: 0.5 }, mentions: "repairEpochs" },
    { options: { repairRate: 0 }, mentions: "repairRate" },
  ],
});

describeMethod({ name: "@lethe/amnesiac with a repair", configure: () => amnesiac({ repairEpochs: 1, repairRate: 0.02 }) });

describeMethod({
  name: "@lethe/amnesiac/relabel",
  configure: () => amnesiacRelabel({ epochs: 2, batchSize: 8 }),
  badOptions: [
    { options: { epochs: 0 }, mentions: "epochs" },
    { options: { rate: 0 }, mentions: "rate" },
    { options: { batchSize: 1.5 }, mentions: "batchSize" },
  ],
});
