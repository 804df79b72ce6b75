import { expect, it } from "vitest";
import { listDatasets } from "./registry.ts";

it("states of every data set what loading it then shows", async () => {
  expect(listDatasets().map((entry) => entry.id)).toEqual(["digits", "fashion-sample"]);
  for (const { load, ...entry } of listDatasets()) {
    const { train, test, information } = await load();
    expect(entry).toEqual({
      id: information.id,
      title: information.title,
      samples: train.size + test.size,
      classes: train.classCount,
      licence: information.licence,
    });
    expect(test.classCount).toBe(train.classCount);
    expect(train.classNames).toEqual(information.classNames);
  }
});
