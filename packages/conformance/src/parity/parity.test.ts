import { readFile } from "node:fs/promises";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { compareMeasurements, knownLimits, largestDeviation, measureCases, parityCases, renderParity, type ParityCase } from "./index.ts";
import { knownLimitsTable } from "./known-limits.ts";

const array = (...values: number[]) => ({ shape: [values.length], values });
const gives = (name: string, ...values: number[]): ParityCase => ({
  group: "kernels",
  name,
  compute: async () => ({ y: array(...values) }),
  reference: () => ({ y: array(1, 2) }),
});

beforeAll(async () => {
  await tf.setBackend("cpu");
});

describe("a deviation", () => {
  it("is relative to the largest number of its array, and of zeros to the largest of all", () => {
    expect(largestDeviation({ a: array(1, 2.5) }, { a: array(1, 2) })).toBe(0.25);
    expect(largestDeviation({ a: array(100), b: array(1e-6) }, { a: array(100), b: array(0) })).toBeCloseTo(1e-5, 12);
  });

  it("is infinite where numbers, names or shapes cannot be compared", () => {
    expect(largestDeviation({ a: array(NaN) }, { a: array(1) })).toBe(Infinity);
    expect(largestDeviation({ b: array(1) }, { a: array(1) })).toBe(Infinity);
    expect(largestDeviation({ a: { shape: [1, 1], values: [1] } }, { a: array(1) })).toBe(Infinity);
  });
});

describe("a comparison", () => {
  const compare = async (each: ParityCase, backend = "wasm") => {
    const measured = JSON.parse(JSON.stringify(await measureCases([each]))) as Awaited<ReturnType<typeof measureCases>>;
    return compareMeasurements([each], backend, measured, [])[0];
  };

  it("finds no fault with what agrees, and one with what does not, leaks, is not finite, or throws", async () => {
    expect(await compare(gives("right", 1, 2))).toMatchObject({ deviation: 0, complaint: undefined, limit: undefined });
    expect((await compare(gives("off", 1, 2.001))).complaint).toMatch(/deviates by 5\.0e-4 .* 1e-5 is allowed/);
    expect((await compare(gives("nan", 1, NaN))).deviation).toBe(Infinity);
    const leaking = { ...gives("leaks", 1, 2), compute: async () => (tf.ones([1]), { y: array(1, 2) }) };
    expect((await compare(leaking)).complaint).toBe("It left 1 tensors behind.");
    const throwing = { ...gives("throws"), compute: () => Promise.reject(new Error("no kernel")) };
    expect((await compare(throwing)).complaint).toBe("Error: no kernel");
  });

  it("knows the limits of the backend it is of, and of no other", async () => {
    const { group, case: name, backends } = knownLimits.find(({ fault }) => fault !== "imprecise")!;
    const limited = { ...gives(name, 0, 0), group };
    expect((await compare(limited, backends[0])).limit).toMatchObject({ case: name });
    expect((await compare(limited, "another")).limit).toBeUndefined();
  });
});

describe("the cases", () => {
  const cases = parityCases([{ name: "M", configure: () => expect.fail() }]);

  it("have names of their own, and each limit is of one of them", () => {
    const names = cases.map(({ group, name }) => `${group}: ${name}`);
    expect(new Set(names).size).toBe(names.length);
    for (const limit of knownLimits) expect(names).toContain(`${limit.group}: ${limit.case}`);
  });
});

it("renders a table, with what was skipped below", async () => {
  const measured = await measureCases([gives("off", 1, 3)]);
  const comparisons = compareMeasurements([gives("off", 1, 3)], "b", measured, []);
  const text = renderParity([
    { name: "b", comparisons },
    { name: "c", comparisons: [], skipped: "no adapter" },
  ]);
  expect(text).toMatch(/^\| kernels +\| +1 \| +1e-5 \| 5\.0e-1 \|$/m);
  expect(text).toMatch(/^b, kernels, off: It deviates by 5\.0e-1/m);
  expect(text).toMatch(/^c was skipped: no adapter$/m);
});

it("docs/backends.md shows the table of known limits as it is", async () => {
  const text = await readFile(new URL("../../../../docs/backends.md", import.meta.url), "utf8");
  const rows = (table: string) => table.split("\n").map((row) => row.split("|").map((cell) => cell.trim().replace(/^:?-+:?$/, "-")));
  const shown = /<!-- known limits -->\s*\n([\s\S]*?)\n\s*<!-- \/known limits -->/.exec(text)?.[1].trim() ?? "";
  expect(rows(shown)).toEqual(rows(knownLimitsTable()));
});
