import { describe, expect, test } from "vitest";
import { loadMethod } from "../fixtures/load-method.ts";
import { recordFacts } from "./facts.ts";
import { choose } from "./rows.ts";

describe("a recording", () => {
  const factsOf = async (method: string, options: Readonly<Record<string, number>>) =>
    recordFacts("model", await choose(method, options, loadMethod, "/"));

  test("serves all rows whose recorder reads the same options", async () => {
    const facts = await factsOf("deep-obliviate", { threshold: 0.01 });
    expect(await factsOf("deep-obliviate", { threshold: 0.1, consecutive: 2 })).toEqual(facts);
    expect(await factsOf("deep-obliviate", { threshold: 0.01, keepEvery: 2 })).not.toEqual(facts);
  });

  test("of a recorder that does not say what it reads serves rows of the very same options", async () => {
    const facts = await factsOf("idle", { strength: 1 });
    expect(await factsOf("idle", { strength: 1 })).toEqual(facts);
    expect(await factsOf("idle", { strength: 2 })).not.toEqual(facts);
  });
});
