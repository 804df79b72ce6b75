import * as tf from "@tensorflow/tfjs";
import { describe, expect, it } from "vitest";
import { rejectionCode, errorCode } from "./fixtures/error-code.ts";
import { decodeModelFiles, encodeModelFiles, type Files } from "./model-files.ts";

const topology = { class_name: "Sequential", config: { name: "s", layers: [] } };
const encode = (value: unknown) => new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
const readFrom = (files: Files) => async (path: string) => files[path] as Uint8Array | undefined;
const decode = (files: Files) => decodeModelFiles(readFrom(files), "the model");
const codeOf = (json: unknown, files: Files = {}) => rejectionCode(decode({ "model.json": encode(json), ...files }));

/** Weights `w0`, `w1`, ... of the given sizes, whose values count up through all of them. */
function artifactsOf(...sizes: readonly number[]): tf.io.ModelArtifacts {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return {
    modelTopology: topology,
    format: "layers-model",
    generatedBy: "a test",
    convertedBy: null,
    weightSpecs: sizes.map((size, i) => ({ name: `w${i}`, shape: [size], dtype: "float32" })),
    weightData: Float32Array.from({ length: total }, (_, i) => i).buffer,
  };
}

const shard = 4 * 1024 * 1024;

describe("encodeModelFiles", () => {
  it("writes one file as tfjs-node does, and several of at most 4 MiB above that", () => {
    const sizesOf = (count: number) =>
      Object.entries(encodeModelFiles(artifactsOf(count)))
        .map(([name, bytes]) => [name, bytes.byteLength])
        .slice(1);
    expect(sizesOf(3)).toEqual([["weights.bin", 12]]);
    expect(sizesOf(shard / 4)).toEqual([["weights.bin", shard]]);
    expect(sizesOf(shard / 4 + 1)).toEqual([
      ["group1-shard1of2.bin", shard],
      ["group1-shard2of2.bin", 4],
    ]);
    expect(sizesOf(shard / 2)).toEqual([
      ["group1-shard1of2.bin", shard],
      ["group1-shard2of2.bin", shard],
    ]);
  });

  it("writes an empty file for a network without weights", async () => {
    const files = encodeModelFiles(artifactsOf());
    expect(files["weights.bin"]).toHaveLength(0);
    expect((await decode(files)).weightSpecs).toEqual([]);
  });

  it("passes metadata and the training configuration through", async () => {
    const trainingConfig: tf.io.TrainingConfig = {
      loss: "meanSquaredError",
      optimizer_config: { class_name: "SGD", config: { learning_rate: 0.5 } },
    };
    const artifacts = { ...artifactsOf(2), trainingConfig, userDefinedMetadata: { labels: ["a", "b"] } };
    expect(await decode(encodeModelFiles(artifacts))).toEqual(artifacts);
  });

  it("takes weight data in several buffers and views", async () => {
    const artifacts = artifactsOf(4);
    const data = artifacts.weightData as ArrayBuffer;
    const parts = [data.slice(0, 4), new Float32Array(data, 4, 3) as unknown as ArrayBuffer];
    expect(encodeModelFiles({ ...artifacts, weightData: parts })).toEqual(encodeModelFiles(artifacts));
  });

  it("refuses what could not be read again", () => {
    const codeOfArtifacts = (changes: object) => errorCode(() => encodeModelFiles({ ...artifactsOf(2), ...changes }));
    const [spec] = artifactsOf(1).weightSpecs!;
    expect(codeOfArtifacts({})).toBeUndefined();
    expect(codeOfArtifacts({ modelTopology: undefined })).toBe("model/not-a-layers-model");
    expect(codeOfArtifacts({ modelTopology: new ArrayBuffer(4) })).toBe("model/not-a-layers-model");
    expect(codeOfArtifacts({ weightSpecs: [spec, spec] })).toBe("model/bad-manifest");
    expect(codeOfArtifacts({ weightSpecs: [spec] })).toBe("model/weights-size-mismatch");
    expect(codeOfArtifacts({ weightData: undefined })).toBe("model/weights-size-mismatch");
  });
});

describe("decodeModelFiles", () => {
  const manifest = [{ paths: ["weights.bin"], weights: [{ name: "w", shape: [2], dtype: "float32" }] }];
  const good = { format: "layers-model", modelTopology: topology, weightsManifest: manifest };
  const weights = { "weights.bin": new Uint8Array(8) };

  it("gives back what was written", async () => {
    for (const sizes of [[], [1], [3, 5], [shard / 4, 7], [1, shard / 2]]) {
      const artifacts = artifactsOf(...sizes);
      expect((await decode(encodeModelFiles(artifacts))).weightSpecs).toEqual(artifacts.weightSpecs);
      const data = new Uint8Array((await decode(encodeModelFiles(artifacts))).weightData as ArrayBuffer);
      expect(Buffer.compare(data, new Uint8Array(artifacts.weightData as ArrayBuffer))).toBe(0);
    }
  });

  it("reads groups of any sizes, where tfjs would read zeros from a last file that is larger than the first", async () => {
    const small = Float32Array.of(1);
    const large = Float32Array.of(2, 3, 4);
    const json = {
      ...good,
      weightsManifest: [
        { paths: ["small.bin"], weights: [{ name: "a", shape: [1], dtype: "float32" }] },
        { paths: ["sub/large.bin"], weights: [1, 2].map((size) => ({ name: `b${size}`, shape: [size], dtype: "float32" })) },
      ],
    };
    const files = { "model.json": encode(json), "small.bin": new Uint8Array(small.buffer), "sub/large.bin": new Uint8Array(large.buffer) };
    const { weightData, weightSpecs } = await decode(files);
    const valuesOf = (data: tf.io.WeightData) =>
      tf.tidy(() => Object.values(tf.io.decodeWeights(data, weightSpecs!)).flatMap((tensor) => [...tensor.dataSync()]));
    expect(valuesOf(weightData!)).toEqual([1, 2, 3, 4]);
    expect(valuesOf([small.buffer, large.buffer])).toEqual([1, 2, 0, 0]); // once this reads 3, 4 the joining can go
  });

  it("accepts files older than the format field, and a byte order mark", async () => {
    expect(await codeOf({ ...good, format: undefined }, weights)).toBeUndefined();
    expect(await codeOf(`\ufeff${JSON.stringify(good)}`, weights)).toBeUndefined();
  });

  it("names a missing model", async () => {
    expect(await rejectionCode(decode({}))).toBe("model/not-found");
  });

  it("names damaged JSON", async () => {
    expect(await codeOf(JSON.stringify(good).slice(0, -5), weights)).toBe("model/bad-json");
    expect(await codeOf("", weights)).toBe("model/bad-json");
    expect(await rejectionCode(decode({ "model.json": Uint8Array.of(0xff, 0xfe) }))).toBe("model/bad-json");
  });

  it("says of a graph model that it has no trainable layers", async () => {
    await expect(decode({ "model.json": encode({ ...good, format: "graph-model" }) })).rejects.toThrow(/no trainable layers/);
    expect(await codeOf({ ...good, format: undefined, modelTopology: { node: [], library: {} } })).toBe("model/graph-model");
  });

  it.each([[[]], [null], ["text"], [{}], [{ ...good, modelTopology: null }], [{ ...good, modelTopology: "x" }], [{ ...good, format: "other" }]])(
    "refuses %j as no layers model",
    async (json) => {
      expect(await codeOf(typeof json === "string" ? JSON.stringify(json) : json)).toBe("model/not-a-layers-model");
    },
  );

  it("names missing, cut and foreign weight files", async () => {
    expect(await codeOf(good, weights)).toBeUndefined();
    expect(await codeOf(good)).toBe("model/missing-shard");
    expect(await codeOf(good, { "weights.bin": new Uint8Array(7) })).toBe("model/weights-size-mismatch");
    expect(await codeOf(good, { "weights.bin": new Uint8Array(9) })).toBe("model/weights-size-mismatch");
    await expect(decode({ "model.json": encode(good), "weights.bin": new Uint8Array(7) })).rejects.toThrow(
      /hold 7 bytes where 1 weights need 8; a file is cut/,
    );
  });
});
