import { describeMethod, testProblems } from "@lethe/conformance";
import { shardedNetwork } from "@lethe/core";
import { sisa } from "./index.ts";

const order = { kind: "shards", shards: 2, slices: 2, weighting: "size" } as const;

describeMethod({
  name: "@lethe/sisa",
  configure: () => sisa(),
  problems: testProblems.map((problem) => ({
    ...problem,
    build: () => shardedNetwork(problem.build(), order),
    recipe: { ...problem.recipe, order },
  })),
  badOptions: [{ options: { shards: 4 }, mentions: "shards" }],
});
