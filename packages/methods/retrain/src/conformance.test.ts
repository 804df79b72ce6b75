import { describeMethod } from "@lethe/conformance";
import { retrain } from "./index.ts";

describeMethod({
  name: "@lethe/retrain",
  configure: () => retrain(),
  badOptions: [
    { options: { duration: "hours" }, mentions: "duration" },
    { options: { seed: true }, mentions: "seed" },
    { options: { seed: Number.NaN }, mentions: "seed" },
  ],
});
