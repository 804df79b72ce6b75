import { describeMethod } from "@lethe/conformance";
import { newton } from "./index.ts";

describeMethod({
  name: "@lethe/newton",
  configure: () => newton({ solver: "minres", iterations: 3, steps: 2, damping: 0.5, batchSize: 8 }),
  badOptions: [
    { options: { damping: -1 }, mentions: "damping" },
    { options: { cutoff: 1 }, mentions: "cutoff" },
    { options: { steps: 0 }, mentions: "steps" },
    { options: { iterations: 0 }, mentions: "iterations" },
    { options: { variant: "cubic" }, mentions: "variant" },
    { options: { solver: "lu" }, mentions: "solver" },
    { options: { parameters: [] }, mentions: "parameters" },
  ],
});
