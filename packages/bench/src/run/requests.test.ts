import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { arrayDataset, subset } from "@lethe/core";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../fixtures/folder.ts";
import { forgetRequest, forgetRequests, siblingRequest } from "./requests.ts";

const size = 40;
const labels = Array.from({ length: size }, (_, index) => index % 4);
const data = arrayDataset({ inputs: new Float32Array(size), inputShape: [1], labels, classNames: ["0", "1", "Bag", "Coat"] });

const cwd = await temporaryFolder();
await writeFile(join(cwd, "ids.json"), JSON.stringify(["7", "3", "30"]));

describe("a request", () => {
  test("for a class has all of its samples", async () => {
    const { ids, ...rest } = await forgetRequest("class=2", data, 0, cwd);
    expect(ids).toEqual(data.ids.filter((_, index) => labels[index] === 2));
    expect(rest).toEqual({ kind: { class: 2 }, forgottenClass: 2, words: "class 2 (Bag)" });
    expect((await forgetRequest("class=1", data, 0, cwd)).words).toBe("class 1");
  });

  test("for named samples has these, in the order of the data, whatever the seed", async () => {
    expect(await forgetRequest("ids.json", data, 5, cwd)).toEqual({
      kind: { ids: 3 },
      ids: ["3", "7", "30"],
      forgottenClass: null,
      words: "3 samples",
    });
  });

  test("for random samples is drawn anew for every seed, and the same for the same", async () => {
    const draws = await Promise.all([0, 1, 0].map((seed) => forgetRequest("random=6", data, seed, cwd)));
    expect(new Set(draws[0].ids).size).toBe(6);
    expect(draws[0].ids).not.toEqual(draws[1].ids);
    expect(draws[0]).toEqual(draws[2]);
    expect(draws[0]).toMatchObject({ kind: { random: 6 }, forgottenClass: null, words: "6 samples" });
  });
});

test("requests that follow one another refuse a sample that an earlier one has named", async () => {
  const twice = forgetRequests({ earlier: ["ids.json"], forget: "ids.json" }, data, 0, cwd);
  await expect(twice).rejects.toMatchObject({ code: "forget/already-forgotten" });
});

const people = { ...data, columns: { person: data.ids.map((_, index) => index % 5) } };

test("a request for a group, or for a part of a class, has its words", async () => {
  expect(await forgetRequest("group=person:3", people, 0, cwd)).toMatchObject({
    kind: { where: "person = 3" },
    words: "8 samples where person = 3",
    forgottenClass: null,
  });
  const part = await forgetRequest("class=Bag,random=20%", people, 0, cwd);
  expect(part).toMatchObject({ kind: { random: 2, of: { class: 2 } }, words: "2 of 10 samples of class 2 (Bag)", forgottenClass: null });
  expect(part.ids.every((id) => labels[Number(id)] === 2)).toBe(true);
});

describe("its sibling", () => {
  test("is another person", async () => {
    expect(await siblingRequest("group=person:4", people, 0, cwd)).toMatchObject({ kind: { where: "person = 0" } });
  });

  test("names as many others where some of the named ones are not in the data", async () => {
    const rest = subset(
      data,
      Uint32Array.from({ length: 30 }, (_, index) => index),
    );
    expect((await siblingRequest("ids.json", rest, 0, cwd)).ids).toHaveLength(3);
  });

  test("is the next class, and the first after the last", async () => {
    expect(await siblingRequest("class=1", data, "s", cwd)).toMatchObject({ kind: { class: 2 } });
    expect(await siblingRequest("class=Coat", data, "s", cwd)).toMatchObject({ kind: { class: 0 }, forgottenClass: 0 });
  });

  test("is another draw of the same size", async () => {
    const [own, sibling] = await Promise.all([forgetRequest("random=6", data, 0, cwd), siblingRequest("random=6", data, "s", cwd)]);
    expect(sibling.ids.length).toBe(6);
    expect(sibling.ids).not.toEqual(own.ids);
  });

  test("has other samples than those that are named, as many of them", async () => {
    for (const seed of [0, 1, 2, 3, 4, 5, 6, 7]) {
      const { ids } = await siblingRequest("ids.json", data, seed, cwd);
      expect(ids.length).toBe(3);
      expect(ids.filter((id) => ["3", "7", "30"].includes(id))).toEqual([]);
    }
  });
});
