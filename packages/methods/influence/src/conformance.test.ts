import { describeMethod, testProblems } from "@lethe/conformance";
import { influence } from "./index.ts";

describeMethod({
  name: "@lethe/influence",
  configure: () => influence({ iterations: 4, damping: 0.5, batchSize: 8 }),
  badOptions: [
    { options: { form: "newton" }, mentions: "form" },
    { options: { solver: "lu" }, mentions: "solver" },
    { options: { damping: -1 }, mentions: "damping" },
    { options: { solver: "wood-fisher", damping: 0 }, mentions: "damping" },
    { options: { alpha: 0 }, mentions: "alpha" },
    { options: { correction: { labels: { a: -1 } }, form: "second-order" }, mentions: "correction" },
    { options: { correction: { labels: { a: 1 } }, form: "iu" }, mentions: "correction" },
    { options: { correction: { features: { indices: [], value: 0 } }, form: "first-order" }, mentions: "correction" },
    { options: { parameters: [] }, mentions: "parameters" },
  ],
});

describeMethod({
  name: "@lethe/influence by LiSSA with corrected features",
  configure: () =>
    influence({
      form: "second-order",
      correction: { features: { indices: [0], value: 0 } },
      solver: "lissa",
      hessianBatch: 8,
      passes: 2,
      damping: 1,
      batchSize: 8,
    }),
  problems: [testProblems[0]],
});

describeMethod({
  name: "@lethe/influence as IU",
  configure: () => influence({ form: "iu", solver: "wood-fisher", fisherSamples: 6, damping: 1, batchSize: 8 }),
  problems: [testProblems[0]],
});
