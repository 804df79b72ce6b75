import { describeMethod, testProblems } from "@lethe/conformance";
import { deepObliviate } from "./index.ts";

const byBlocks = testProblems.map((problem) => ({ ...problem, recipe: { ...problem.recipe, order: { kind: "blocks", blocks: 6 } as const } }));

describeMethod({
  name: "@lethe/deep-obliviate",
  configure: () => deepObliviate({ threshold: 1e9, minimumPoints: 3, batchSize: 8 }),
  problems: byBlocks,
  badOptions: [
    { options: { threshold: -1 }, mentions: "threshold" },
    { options: { scale: "log" }, mentions: "scale" },
    { options: { trend: "linear" }, mentions: "trend" },
    { options: { minimumPoints: 0 }, mentions: "minimumPoints" },
    { options: { consecutive: 0.5 }, mentions: "consecutive" },
    { options: { statistics: "stitched" }, mentions: "statistics" },
    { options: { batchSize: 0 }, mentions: "batchSize" },
  ],
});
