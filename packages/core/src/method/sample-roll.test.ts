import { expect, test } from "vitest";
import { arrayDataset, identifyDataset, subset } from "../data/index.ts";
import { expectOnRoll, identifyRoll, rollWithout, sampleRoll } from "./sample-roll.ts";

const data = arrayDataset({ inputs: Float32Array.from([0, 1, 2, 3, 4, 5, 6, 7]), inputShape: [2], labels: [0, 1, 1, 0] });

test("a roll identifies the same data as the samples themselves, before and after a request", async () => {
  const roll = sampleRoll(data);
  expect(JSON.parse(JSON.stringify(roll))).toEqual(roll);
  expect(await identifyRoll(roll)).toEqual({ identity: await identifyDataset(data), size: 4 });
  const [left, gone] = [subset(data, [0, 2]), subset(data, [1, 3])];
  expect(rollWithout(roll, gone)).toEqual(sampleRoll(left));
  expect(await identifyRoll(rollWithout(roll, gone))).toEqual({ identity: await identifyDataset(left), size: 2 });
});

test("a sample can be taken out once, a stranger never", () => {
  const roll = sampleRoll(data);
  const gone = subset(data, [1]);
  expect(() => expectOnRoll(roll, gone)).not.toThrow();
  expect(() => expectOnRoll(rollWithout(roll, gone), gone)).toThrow(expect.objectContaining({ code: "artifact/unknown-samples" }));
  expect(() => expectOnRoll(roll, { ids: [data.ids[0], "stranger"] })).toThrow(/stranger/);
});
