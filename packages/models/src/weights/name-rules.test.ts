import { describe, expect, it } from "vitest";
import { requiredLayers, theirName, type NameRules } from "./name-rules.ts";

const at = (name: string) => ({ name, index: 9, count: 4 });

describe("theirName", () => {
  it("runs its example", () => {
    const rules: NameRules = { "stage{stage}/block{block}/conv{n}": "layer{stage}.{block-1}.conv{n}.*" };
    expect(theirName(rules, { name: "stage2/block1/conv1", index: 9, count: 4 })).toBe("layer2.0.conv1.*");
  });

  it("fits whole names alone, and numbers of any length", () => {
    const rules: NameRules = { "block{n}/conv": "conv{n}.*", conv: "stem.*" };
    expect(theirName(rules, at("block12/conv"))).toBe("conv12.*");
    expect(theirName(rules, at("conv"))).toBe("stem.*");
    for (const name of ["block12/conv1", "my/block12/conv", "blockx/conv", "block/conv"]) expect(theirName(rules, at(name))).toBeUndefined();
  });

  it("knows where the layer stands", () => {
    expect(theirName({ classifier: "fc{count}.{index}.*" }, at("classifier"))).toBe("fc4.9.*");
  });
});

it("requiredLayers are those without a number", () => {
  expect(requiredLayers({ "stem/conv": "a", "block{n}/conv": "b", classifier: "c" })).toEqual(["stem/conv", "classifier"]);
});
