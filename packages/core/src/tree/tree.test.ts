import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import {
  addInto,
  axpy,
  dot,
  fromHost,
  hashTree,
  hostZeros,
  isFiniteTree,
  norm,
  sha256,
  subtractTree,
  toHost,
  zerosLikeTree,
  type HostTree,
} from "./index.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const trees = () => ({ a: { p: tf.tensor([1, 2]), q: tf.scalar(3) }, b: { p: tf.tensor([4, 5]), q: tf.scalar(6) } });

describe("tensor trees", () => {
  it("are a vector space with an inner product", () => {
    const { a, b } = trees();
    expect(dot(a, b).dataSync()[0]).toBe(4 + 10 + 18);
    expect(norm(a).dataSync()[0]).toBeCloseTo(Math.sqrt(14), 6);
    const sum = axpy(2, a, b);
    expect([...sum["p"].dataSync(), ...sum["q"].dataSync()]).toEqual([6, 9, 12]);
    expect(norm(zerosLikeTree(a)).dataSync()[0]).toBe(0);
  });

  it("go to the host and back with their types", async () => {
    const tree = { x: tf.tensor([[1.5, -2]]), n: tf.tensor([1, 2, 3], [3], "int32") };
    const host = await toHost(tree);
    expect(host).toEqual({ x: { shape: [1, 2], values: new Float32Array([1.5, -2]) }, n: { shape: [3], values: new Int32Array([1, 2, 3]) } });
    const back = fromHost(host);
    expect([back["x"].dtype, back["n"].dtype, back["x"].shape]).toEqual(["float32", "int32", [1, 2]]);
    expect([...back["n"].dataSync()]).toEqual([1, 2, 3]);
  });
});

describe("host trees", () => {
  it("sum in float64", async () => {
    const sums = hostZeros({ p: { shape: [2] } });
    for (let i = 0; i < 10; i++) addInto(sums, { p: { shape: [2], values: new Float32Array([2 ** 24, 0.1]) } });
    addInto(sums, { p: { shape: [2], values: new Float32Array([1, 0]) } });
    expect(sums["p"].values[0]).toBe(10 * 2 ** 24 + 1);
    expect(subtractTree(sums, sums)["p"].values).toEqual(new Float64Array(2));
  });

  it("know whether they are finite", () => {
    expect(isFiniteTree({ p: { shape: [1], values: new Float32Array([1]) } })).toBe(true);
    expect(isFiniteTree({ p: { shape: [1], values: new Float32Array([Number.NaN]) } })).toBe(false);
  });

  it("hash names, shapes, types and bits", async () => {
    const tensor = { shape: [2], values: new Float32Array([0, 1]) };
    const variants: HostTree[] = [
      { p: tensor },
      { q: tensor },
      { p: { ...tensor, shape: [2, 1] } },
      { p: { shape: [2], values: new Float32Array([-0, 1]) } },
      { p: { shape: [2], values: new Int32Array([0, 1065353216]) } },
    ];
    expect(new Set(await Promise.all(variants.map(hashTree))).size).toBe(5);
    expect(await sha256("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });
});
