import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { asMeasurement } from "./measurement.mjs";
import { asObject, asText, type Run } from "./report.mjs";
import { describeMachine, describeVersions } from "./surroundings.mjs";

const machine = { cpu: "Abacus 3", cores: 2, memory: 16, system: "linux x64" };
const versions = { node: "20.19.0", tfjs: "4.22.0" };
const runs: Run[] = [
  {
    benchmark: { name: "wasm.backward_over_forward", kind: "ratio", goal: "at least 0.6" },
    result: { value: 0.65432, min: 0.6, max: 0.7, pairs: 15, firstSeconds: 0.00123, secondSeconds: 2.5, backend: "wasm" },
  },
  { benchmark: { name: "train.images_per_second", kind: "information" }, result: { value: 1234.5 } },
  { benchmark: { name: "ssd.scratch_over_prepared", kind: "ratio" }, result: { error: "Error: out of memory" } },
];

describe("asMeasurement", () => {
  it("takes a number, a pair ratio or a measurement", () => {
    expect(asMeasurement(2)).toEqual({ value: 2 });
    expect(asMeasurement({ ratio: 2, min: 1, max: 3, pairs: 4, firstSeconds: 5, secondSeconds: 6 })).toEqual({
      value: 2,
      min: 1,
      max: 3,
      pairs: 4,
      firstSeconds: 5,
      secondSeconds: 6,
    });
    expect(asMeasurement({ value: 2, min: 1 })).toEqual({ value: 2, min: 1 });
  });

  it.each([NaN, Infinity])("refuses %s", (value) => expect(() => asMeasurement(value)).toThrow(/no measurement/));
});

describe("asObject", () => {
  const object = asObject(runs, machine, versions);

  it("names ratios and information apart", () => {
    expect(object.ratios).toEqual({ "wasm.backward_over_forward": 0.65432 });
    expect(object.information).toEqual({ "train.images_per_second": 1234.5 });
  });

  it("says how, on what, and what failed", () => {
    expect(object.details["wasm.backward_over_forward"]).toEqual({
      kind: "ratio",
      value: 0.65432,
      goal: "at least 0.6",
      min: 0.6,
      max: 0.7,
      pairs: 15,
      firstSeconds: 0.00123,
      secondSeconds: 2.5,
      backend: "wasm",
    });
    expect(object).toMatchObject({ machine, versions, failed: { "ssd.scratch_over_prepared": "Error: out of memory" } });
  });
});

describe("asText", () => {
  it("is a table with the failures, the machine and the versions below", () => {
    expect(asText(runs, machine, versions).split("\n")).toEqual([
      "benchmark                   value   range       pairs  times            backend  goal",
      "wasm.backward_over_forward  0.654   0.6 to 0.7  15     1.23 ms / 2.5 s  wasm     at least 0.6",
      "train.images_per_second     1230",
      "ssd.scratch_over_prepared   failed",
      "",
      "ssd.scratch_over_prepared failed:",
      "Error: out of memory",
      "",
      "Abacus 3, 2 cores, 16 GiB, linux x64",
      "node 20.19.0, tfjs 4.22.0",
    ]);
  });
});

describe("main.mjs", () => {
  it("lists the benchmarks where it is asked for one that does not exist", () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(new URL("main.mjs", import.meta.url)), "no.such"], {
      encoding: "utf8",
    });
    expect(stderr).toContain("No benchmark is called no.such. There are:\n  wasm.conv_backward_over_forward_rate");
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  });
});

describe("surroundings", () => {
  it("describes this machine and these versions", async () => {
    const here = describeMachine();
    expect(here.cores).toBeGreaterThan(0);
    expect(here.memory).toBeGreaterThan(0);
    expect(await describeVersions()).toMatchObject({ node: process.versions.node, tfjs: "4.22.0", "@lethe/core": expect.stringMatching(/^\d/) });
  });
});
