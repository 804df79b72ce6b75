import * as tf from "@tensorflow/tfjs";
import { memoryStorage, Model, openTrajectory, unlearn } from "@lethe/core";
import { beforeAll, describe, expect, it } from "vitest";
import { inBlock, recipe, samples, watched, without } from "./fixtures/training.ts";
import { deepObliviate, type DeepObliviateInput } from "./index.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

/** Trains, answers requests one after the other, and tells what came of each. */
async function answered(options: DeepObliviateInput, requests: readonly (readonly string[])[]) {
  const storage = memoryStorage();
  let data = samples();
  const { network, artifact: first } = await watched(data, options, storage);
  const recorded = await openTrajectory(storage);
  let [model, artifact] = [network, first];
  const answers: { readonly hash: string; readonly status: string; readonly report: Readonly<Record<string, unknown>> }[] = [];
  for (const ids of requests) {
    const result = await unlearn({ model, data, forget: [...ids], method: deepObliviate(options), artifact, storage });
    answers.push({ hash: await new Model(result.model).hash(), status: result.status, report: result.report });
    data = without(data, ids);
    [model, artifact] = [result.model, result.artifact!];
  }
  return { answers, storage, recorded: recorded.entries.map(({ index }) => index), bytes: recorded.bytes };
}

/** All that does not speak of storage and work. */
const decision = ({ hash, status, report }: Awaited<ReturnType<typeof answered>>["answers"][number]) => {
  const { residuals, slope, lastRetrainedBlock, stitched, residualsToCome, blocksRedone, blocksFromFirst, start, residueOf } = report;
  return { hash, status, residuals, slope, lastRetrainedBlock, stitched, residualsToCome, blocksRedone, blocksFromFirst, start, residueOf };
};

describe("snapshots that were not all kept", () => {
  const never: DeepObliviateInput = { threshold: 0 };
  const soon: DeepObliviateInput = { threshold: 1e9, minimumPoints: 3 };

  it.each([
    ["to the end", never, { keepEvery: 3 }, [0, 3, 6, 8]],
    ["stopped early", soon, { keepEvery: 3 }, [0, 3, 6, 8]],
    ["stopped early, of the first and the last alone", soon, { storedBytes: 1 }, [0, 8]],
  ] as const)("give the result of all, to the bit: %s", async (_, rule, kept, indices) => {
    const request = [[inBlock(3)[0], inBlock(4)[1]]];
    const all = await answered(rule, request);
    const few = await answered({ ...rule, ...kept }, request);
    expect(few.recorded).toEqual(indices);
    expect(decision(few.answers[0])).toEqual(decision(all.answers[0]));
    expect((await openTrajectory(few.storage)).entries.map(({ index }) => index)).toEqual(indices);
    const { samplePasses, recomputedSamplePasses } = few.answers[0].report as Record<string, number>;
    expect(all.answers[0].report["recomputedSamplePasses"]).toBe(0);
    expect(samplePasses - recomputedSamplePasses).toBe(all.answers[0].report["samplePasses"]);
    expect(recomputedSamplePasses).toBeGreaterThan(0);
    // Not even where all was trained again was any block trained more than twice.
    expect(samplePasses).toBeLessThanOrEqual(2 * recipe.epochs * samples().size);
  });

  it("answer request after request as all do, as long as none was stitched", async () => {
    const requests = [[inBlock(5)[0]], [inBlock(2)[0], inBlock(6)[1]]];
    const all = await answered(never, requests);
    const few = await answered({ ...never, keepEvery: 4 }, requests);
    expect(few.answers.map(decision)).toEqual(all.answers.map(decision));
  });

  it("say of a stitched one that it was, and of a later request that it began there", async () => {
    const [first, second] = [[inBlock(1)[0]], [inBlock(6)[0]]];
    const { answers, storage } = await answered({ ...soon, keepEvery: 2 }, [first, second]);
    expect(answers.map(({ report }) => [report["start"], report["stitched"], report["residueOf"]])).toEqual([
      ["trained", "yes", 1],
      ["stitched", "no", 1],
    ]);
    const trajectory = await openTrajectory(storage);
    const position = samples().ids.indexOf(first[0]);
    const residues = await Promise.all(trajectory.entries.map(async ({ index }) => [index, [...(await trajectory.residue(index))]]));
    expect(residues).toEqual([
      [0, []],
      [2, []],
      [4, []],
      [6, [position]],
      [8, [position]],
    ]);
  });
});
