import { describeMethod } from "@lethe/conformance";
import { finetune } from "./index.ts";

describeMethod({
  name: "@lethe/finetune",
  configure: () => finetune({ epochs: 2, batchSize: 8 }),
  badOptions: [
    { options: { epochs: 0 }, mentions: "epochs" },
    { options: { epochs: 2.5 }, mentions: "epochs" },
    { options: { rate: 0 }, mentions: "rate" },
    { options: { rate: Number.POSITIVE_INFINITY }, mentions: "rate" },
    { options: { schedule: "step" }, mentions: "schedule" },
    { options: { momentum: 1 }, mentions: "momentum" },
    { options: { weightDecay: -1e-4 }, mentions: "weightDecay" },
    { options: { batchSize: 0 }, mentions: "batchSize" },
  ],
});
