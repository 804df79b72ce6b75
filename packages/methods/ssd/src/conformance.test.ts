import { describeMethod } from "@lethe/conformance";
import { ssd } from "./index.ts";

const badOptions = [
  { options: { alpha: 0 }, mentions: "alpha" },
  { options: { importance: "fisher" }, mentions: "importance" },
  { options: { batchSize: 1.5 }, mentions: "batchSize" },
];

describeMethod({ name: "@lethe/ssd", configure: () => ssd(), badOptions });
describeMethod({ name: "@lethe/ssd, alpha searched", configure: () => ssd({ selection: "search", target: 0.5 }), badOptions });
describeMethod({ name: "@lethe/ssd, the authors' settings", configure: () => ssd({ preset: "authors", alpha: 2 }), badOptions });
describeMethod({ name: "@lethe/ssd, label-free", configure: () => ssd({ importance: "label-free" }), badOptions });
