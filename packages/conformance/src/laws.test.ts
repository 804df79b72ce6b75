import { readFile } from "node:fs/promises";
import * as tf from "@tensorflow/tfjs";
import { Model } from "@lethe/core";
import { beforeAll, describe, expect, it } from "vitest";
import { ascent, configured } from "./fixtures/ascent.ts";
import { brokenMethods } from "./fixtures/broken/index.ts";
import { rewind } from "./fixtures/rewind.ts";
import { describeMethod, methodLaws, suits, testProblems } from "./index.ts";
import { buildNetwork } from "./problems/index.ts";

const problem = testProblems[0];

beforeAll(async () => {
  await tf.setBackend("cpu");
});

describeMethod({ name: "an exemplary method", configure: () => configured(ascent), badOptions: [{ options: { rate: -1 }, mentions: "rate" }] });

describeMethod({ name: "a method that watches training", configure: () => rewind(), problems: [problem] });

describe("every law", () => {
  it("is broken by some method here, and has a title of its own", () => {
    const titles = methodLaws.map(({ law }) => law);
    expect(new Set(titles).size).toBe(titles.length);
    expect(new Set(brokenMethods.map(({ law }) => law))).toEqual(new Set(titles));
  });

  it("is listed in the README", async () => {
    const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
    expect(Array.from(readme.matchAll(/^- (.*)$/gm), ([, law]) => law)).toEqual(methodLaws.map(({ law }) => law));
  });

  it.each(brokenMethods.map((each) => [each.law, each.how, each] as const))("%s: broken by %s", async (title, _how, { method, says }) => {
    const law = methodLaws.find(({ law }) => law === title)!;
    expect(law.applies(method)).toBe(true);
    const failure = law.check({ configure: () => configured(method), problem });
    await expect(failure).rejects.toMatchObject({ code: "conformance/law-broken", message: expect.stringMatching(says) });
    await expect(failure).rejects.toThrow(title);
  });
});

describe("the problems", () => {
  it.each(testProblems)("$name has the layers and the sizes it says", ({ build, data, layers, ...others }) => {
    const network = buildNetwork({ build, data, layers, ...others });
    const model = new Model(network);
    const kinds = model.layers.filter(({ parameters }) => Object.keys(parameters).length > 0).map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(layers));
    expect(model.inputShape).toEqual(data().inputShape);
    expect(model.classCount).toBe(data().classCount);
    network.dispose();
  });

  it("are tried only on methods whose needs they meet", () => {
    const names = (method: Parameters<typeof suits>[1]) => testProblems.filter((each) => suits(each, method)).map(({ name }) => name);
    expect(names(configured(ascent).method)).toHaveLength(testProblems.length);
    expect(names(rewind().method)).toEqual(["dense layers"]);
    expect(names(configured({ ...ascent, needs: { ...ascent.needs, layers: ["embedding"] } }).method)).toEqual([]);
  });
});
