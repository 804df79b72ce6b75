import { arrayDataset, createRandom, type Dataset } from "@lethe/core";
import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { digits, fashionSample } from "../index.ts";
import { findDuplicates, type DuplicateOptions, type Duplicates } from "./find-duplicates.ts";
import { createSignature, signatureLength } from "./signature.ts";
import { twinsOutside } from "./twins-outside.ts";

const code = (expected: string) => expect.objectContaining({ code: expected });

const stride = 12 * 12;
const random = createRandom("duplicates");
const picture = () => Float32Array.from({ length: stride }, () => random.integer(256) / 255);
const clipped = (values: Float32Array, change: (value: number, i: number) => number) =>
  values.map((value, i) => Math.min(1, Math.max(0, change(value, i))));
const noise = (values: Float32Array) => clipped(values, (value) => value + (random.integer(3) - 1) / 255);

function pictures(rows: readonly Float32Array[], ids?: readonly string[], inputShape = [12, 12, 1]): Dataset {
  const inputs = new Float32Array(rows.length * stride);
  rows.forEach((row, i) => inputs.set(row, i * stride));
  return arrayDataset({ name: "pictures", inputs, inputShape, labels: new Uint8Array(rows.length), ...(ids ? { ids } : {}) });
}

const nearIds = ({ near }: Duplicates) => near.map(({ a, b }) => [a.id, b.id]);

describe("planted twins among independent noise", () => {
  const independent = Array.from({ length: 300 }, picture);
  const [first, second, third, fourth] = independent;
  const planted = pictures([
    ...independent,
    first.slice(),
    noise(second),
    clipped(third, (value) => 0.6 * value + 0.3),
    first.slice(),
    noise(fourth),
  ]);

  it("are all found, and nothing else", async () => {
    const found = await findDuplicates(planted);
    expect(found).toMatchObject({ likeness: "pattern", threshold: 0.1, compared: 305 });
    expect(found.exact.map((group) => group.map(({ id }) => id))).toEqual([["0", "300", "303"]]);
    expect(nearIds(found).toSorted()).toEqual([
      ["1", "301"],
      ["2", "302"],
      ["3", "304"],
    ]);
    const distanceTo = (id: string) => found.near.find(({ b }) => b.id === id)!.distance;
    // Brightness and contrast make no difference but that of rounding.
    expect(distanceTo("302")).toBeLessThan(1e-5);
    // Three equally probable steps of 1/255 have a standard deviation of sqrt(2/3)/255, beside that of the picture, 1/sqrt(12).
    const expected = (Math.sqrt(2 / 3) / 255) * Math.sqrt(12);
    expect(Math.abs(distanceTo("301") - expected)).toBeLessThan(0.2 * expected);
  });

  it.each([0, 1, 2, 3, 4])("are found whatever the seed: %d", async (seed) => {
    expect(nearIds(await findDuplicates(planted, { seed }))).toHaveLength(3);
  });

  it("are found by values too, but for those of another brightness", async () => {
    const found = await findDuplicates(planted, { likeness: "values" });
    expect(nearIds(found).toSorted()).toEqual([
      ["1", "301"],
      ["3", "304"],
    ]);
    expect(found.exact).toHaveLength(1);
  });

  it("are those with equal bits alone when that is asked", async () => {
    expect(await findDuplicates(planted, { likeness: "equal" })).toMatchObject({ near: [], exact: [[{ id: "0" }, { id: "300" }, { id: "303" }]] });
  });

  it("are sought for some samples only", async () => {
    const found = await findDuplicates(planted, { of: ["300", "301", "5"] });
    expect(found.exact).toHaveLength(1);
    expect(nearIds(found)).toEqual([["1", "301"]]);
    expect(await findDuplicates(planted, { of: ["5"] })).toMatchObject({ exact: [], near: [] });
  });

  it("are found between training and test data, and not within the test data", async () => {
    const test = pictures([picture(), noise(first), second.slice(), picture()].flatMap((row) => [row, row]).slice(1), [
      "a",
      "b",
      "c",
      "d",
      "e",
      "f",
      "g",
    ]);
    const { exact, near } = await findDuplicates(pictures(independent), { test });
    expect(exact).toEqual([
      [
        { set: "data", id: "1" },
        { set: "test", id: "d" },
        { set: "test", id: "e" },
      ],
    ]);
    expect(near).toMatchObject([{ a: { set: "data", id: "0" }, b: { set: "test", id: "b" } }]);
  });

  it("have the distance that is reported", async () => {
    const centred = (values: Float32Array) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / stride;
      const norm = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0));
      return Array.from(values, (value) => (value - mean) / norm);
    };
    const { near } = await findDuplicates(planted);
    for (const { a, b, distance } of near) {
      const { inputs } = await planted.read([Number(a.id), Number(b.id)]);
      const [u, v] = [centred(inputs.values.slice(0, stride) as Float32Array), centred(inputs.values.slice(stride) as Float32Array)];
      expect(distance).toBeCloseTo(Math.hypot(...u.map((value, i) => value - v[i])), 9);
    }
  });
});

test("no twins are seen in independent noise, at the largest threshold that is sensible", async () => {
  const found = await findDuplicates(pictures(Array.from({ length: 500 }, picture)), { threshold: 0.5 });
  expect(found).toMatchObject({ exact: [], near: [] });
});

test("of the pairs at the threshold almost none is missed, of closer ones none; what is farther is not reported", async () => {
  const pairs = 400;
  const atDistance = (distance: number) => {
    const rows = Array.from({ length: pairs }, () => {
      const base = Float64Array.from({ length: stride }, () => random.normal());
      const other = Float64Array.from({ length: stride }, () => random.normal());
      const unit = (values: Float64Array) => {
        const mean = values.reduce((sum, value) => sum + value, 0) / stride;
        const norm = Math.hypot(...values.map((value) => value - mean));
        return values.map((value) => (value - mean) / norm);
      };
      const u = unit(base);
      const along = unit(other).reduce((sum, value, i) => sum + value * u[i], 0);
      const w = unit(unit(other).map((value, i) => value - along * u[i]));
      // cos(angle) = 1 - d^2 / 2 for unit vectors at distance d.
      const angle = Math.acos(1 - distance ** 2 / 2);
      return [Float32Array.from(u), Float32Array.from(u, (value, i) => Math.cos(angle) * value + Math.sin(angle) * w[i])];
    });
    return pictures(rows.flat());
  };
  expect((await findDuplicates(atDistance(0.0999))).near.length).toBeGreaterThanOrEqual(0.975 * pairs);
  expect((await findDuplicates(atDistance(0.05))).near).toHaveLength(pairs);
  expect((await findDuplicates(atDistance(0.1001))).near).toHaveLength(0);
});

test("vectors are compared feature by feature, each in its own unit", async () => {
  const rows = Array.from({ length: 200 }, () => [30_000 + 10_000 * random.normal(), 40 + 12 * random.normal(), random.integer(2), 7]);
  // Ten more of income is nothing; 30 years are not.
  const all = [...rows, rows[0].with(0, rows[0][0] + 10), rows[1].with(1, rows[1][1] + 30)];
  const data = arrayDataset({ inputs: Float32Array.from(all.flat()), inputShape: [4], labels: new Uint8Array(all.length) });
  const found = await findDuplicates(data, { threshold: 0.01 });
  expect(found.likeness).toBe("values");
  expect(nearIds(found)).toEqual([["0", "200"]]);
});

test("says how far it is", async () => {
  const rows = Array.from({ length: 5 }, picture);
  const told: unknown[] = [];
  await findDuplicates(pictures(rows), { test: pictures(rows.slice(0, 2)), onProgress: (progress) => told.push(progress) });
  const common = { phase: "looking for twins", total: 7, unit: "samples" };
  expect(told).toEqual([
    { ...common, completed: 5 },
    { ...common, completed: 7 },
  ]);
});

test("tokens have equal twins only", async () => {
  const data = arrayDataset({ inputs: Int32Array.of(1, 2, 3, 1, 2, 4, 1, 2, 3), inputShape: [3], labels: [0, 0, 1] });
  expect(await findDuplicates(data)).toMatchObject({ likeness: "equal", exact: [[{ id: "0" }, { id: "2" }]], near: [] });
});

test("inputs without contrast are nobody's near twins", async () => {
  const plain = (value: number) => new Float32Array(stride).fill(value);
  const found = await findDuplicates(pictures([plain(0), plain(0.3), plain(1), plain(0.3), picture()]));
  expect(found).toMatchObject({ exact: [[{ id: "1" }, { id: "3" }]], near: [] });
});

test("a crowd of equal and of like samples takes no more than its share", async () => {
  const one = picture();
  const rows = [...Array.from({ length: 1500 }, () => one), ...Array.from({ length: 1500 }, () => noise(one))];
  const { exact, near } = await findDuplicates(pictures(rows), { of: ["0", "2000"] });
  expect(exact[0]).toHaveLength(1500);
  expect(near.length).toBeGreaterThan(100);
});

test.each<[DuplicateOptions, string]>([
  [{ threshold: 0 }, "duplicates/bad-threshold"],
  [{ threshold: 1 }, "duplicates/bad-threshold"],
  [{ threshold: Number.NaN }, "duplicates/bad-threshold"],
  [{ of: ["x"] }, "forget/unknown-id"],
  [{ test: pictures([picture()], ["0"], [144]) }, "data/shape-mismatch"],
  [{ signal: AbortSignal.abort() }, "run/aborted"],
])("%o is refused", async (options, expected) => {
  await expect(findDuplicates(pictures([picture(), picture()]), options)).rejects.toThrow(code(expected));
});

test("no data has no twins", async () => {
  const none = arrayDataset({ inputs: new Float32Array(0), inputShape: [2, 2], labels: [], classCount: 2 });
  expect(await findDuplicates(none)).toMatchObject({ compared: 0, exact: [], near: [] });
});

test("the embedded data sets have no twins; the nearest pictures are this far apart", async () => {
  const sets = { digits: await digits({ shape: "image" }), fashion: await fashionSample() };
  const nearest = async ({ train, test: held }: (typeof sets)["fashion"]) => {
    expect(await findDuplicates(train, { test: held })).toMatchObject({ exact: [], near: [] });
    const { near } = await findDuplicates(train, { test: held, threshold: 0.14 });
    return near.map(({ a, b, distance }) => [a.id, b.id, Math.round(distance * 1000) / 1000]);
  };
  expect(await nearest(sets.digits as (typeof sets)["fashion"])).toEqual([["digits-001585", "digits-001648", 0.107]]);
  expect(await nearest(sets.fashion)).toEqual([
    ["fashion-train-038064", "fashion-train-007582", 0.115],
    ["fashion-train-053387", "fashion-test-003137", 0.135],
  ]);
});

test.each([1, 3, 144, 700, 3000])("a signature of %d numbers keeps distances", (length) => {
  const draws = 60;
  const difference = Float64Array.from({ length }, () => random.normal());
  const norm = Math.hypot(...difference);
  const signature = new Float32Array(signatureLength);
  let sum = 0;
  for (let draw = 0; draw < draws; draw++) {
    createSignature(length, createRandom(draw))(difference, signature);
    sum += signature.reduce((total, value) => total + value * value, 0) / signatureLength / norm ** 2;
  }
  // Five standard errors; folding adds as much again.
  expect(Math.abs(sum / draws - 1)).toBeLessThan((5 * Math.sqrt(4 / signatureLength)) / Math.sqrt(draws));
});

describe("twins that stay", () => {
  const a = (id: string) => ({ set: "data", id }) as const;
  const t = (id: string) => ({ set: "test", id }) as const;

  it("are equal ones, near ones, and the equal ones of those, nearest first", () => {
    const duplicates = {
      exact: [
        [a("1"), a("2"), t("9")],
        [a("3"), a("4")],
      ],
      near: [
        { a: a("1"), b: a("3"), distance: 0.05 },
        { a: a("3"), b: a("5"), distance: 0.01 },
      ],
    };
    const of = (...ids: string[]) => twinsOutside(duplicates, ids).map(({ id, twin, distance }) => `${id} ${twin.set} ${twin.id} ${distance}`);
    expect(of("2")).toEqual(["2 data 1 0", "2 test 9 0", "2 data 3 0.05", "2 data 4 0.05"]);
    expect(of("1", "2", "3", "4")).toEqual(["1 test 9 0", "2 test 9 0", "3 data 5 0.01", "3 test 9 0.05", "4 data 5 0.01", "4 test 9 0.05"]);
    expect(of("5")).toEqual(["5 data 3 0.01", "5 data 4 0.01"]);
    expect(of("7")).toEqual([]);
  });

  it("are none of those that go", () => {
    const group = fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { minLength: 2 });
    fc.assert(
      fc.property(
        group,
        fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 }))),
        fc.uniqueArray(fc.integer({ min: 0, max: 9 })),
        (equal, pairs, gone) => {
          const near = pairs.map(([one, other]) => ({ a: a(String(one)), b: a(String(other)), distance: 0.1 }));
          const ids = gone.map(String);
          for (const { id, twin } of twinsOutside({ exact: [equal.map((one) => a(String(one)))], near }, ids)) {
            expect(ids).toContain(id);
            expect(ids).not.toContain(twin.id);
          }
        },
      ),
    );
  });
});
