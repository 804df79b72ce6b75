import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { rejectionCode } from "../io/fixtures/error-code.ts";
import { temporaryFolder } from "./fixtures/temporary-folder.ts";
import { loadModel, modelFolder, saveModel } from "./model-json.ts";

const pathOf = temporaryFolder();
beforeAll(() => tf.setBackend("cpu"));
afterEach(() => tf.disposeVariables());

const perceptron = (units = 3) =>
  tf.sequential({ layers: [tf.layers.dense({ units, inputShape: [4], activation: "relu" }), tf.layers.dense({ units: 2, activation: "softmax" })] });
const predict = (network: tf.LayersModel) => tf.tidy(() => [...(network.predict(tf.range(0, 8).reshape([2, 4])) as tf.Tensor).dataSync()]);

async function saved(name: string, network: tf.LayersModel = perceptron()): Promise<string> {
  const folder = pathOf(name);
  await saveModel(network, folder);
  return folder;
}

/** What a plain tfjs handler would do: files from the folder, nothing else known. */
function plainLoader(folder: string): tf.io.IOHandler {
  return {
    load: async () => {
      const json = JSON.parse(await readFile(join(folder, "model.json"), "utf8")) as tf.io.ModelJSON;
      const shards = await Promise.all(json.weightsManifest.flatMap(({ paths }) => paths).map((path) => readFile(join(folder, path))));
      const weightData = shards.map(({ buffer, byteOffset, byteLength }) => buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer);
      return { ...json, weightSpecs: json.weightsManifest.flatMap(({ weights }) => weights), weightData };
    },
  };
}

/** A folder as tfjs-node leaves it: model.json and weights.bin, no checksums. */
async function savePlainly(network: tf.LayersModel, folder: string, cutAt?: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  await network.save(
    tf.io.withSaveHandler(async (artifacts) => {
      const data = new Uint8Array(artifacts.weightData as ArrayBuffer);
      const parts =
        cutAt === undefined ? { "weights.bin": data } : { "group1-shard1of2": data.subarray(0, cutAt), "group1-shard2of2": data.subarray(cutAt) };
      for (const [name, part] of Object.entries(parts)) await writeFile(join(folder, name), part);
      const { modelTopology, format, generatedBy, convertedBy } = artifacts;
      const weightsManifest = [{ paths: Object.keys(parts), weights: artifacts.weightSpecs }];
      await writeFile(join(folder, "model.json"), JSON.stringify({ modelTopology, format, generatedBy, convertedBy, weightsManifest }));
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: "JSON" as const } };
    }),
  );
}

async function editJson(folder: string, change: (json: Record<string, unknown>) => void): Promise<void> {
  const path = join(folder, "model.json");
  const json = JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;
  change(json);
  await writeFile(path, JSON.stringify(json));
  await rm(join(folder, "lethe-checksums.json"), { force: true });
}

describe("saveModel and loadModel", () => {
  it("run their example", async () => {
    const network = perceptron();
    await saveModel(network, pathOf("models/digits"));
    const copy = await loadModel(pathOf("models/digits"));
    expect(predict(copy)).toEqual(predict(network));
    expect((await readdir(pathOf("models/digits"))).toSorted()).toEqual(["lethe-checksums.json", "model.json", "weights.bin"]);
  });

  it("write what plain tfjs loads, in one file and in several", async () => {
    for (const network of [perceptron(), perceptron(200_000)]) {
      const folder = await saved(`plain-${network.countParams()}`, network);
      const copy = await tf.loadLayersModel(plainLoader(folder));
      expect(predict(copy)).toEqual(predict(network));
    }
    expect((await readdir(pathOf("plain-1400002"))).toSorted()).toEqual([
      "group1-shard1of2.bin",
      "group1-shard2of2.bin",
      "lethe-checksums.json",
      "model.json",
    ]);
  });

  it("read what plain tfjs wrote, cut anywhere", async () => {
    const network = perceptron();
    await savePlainly(network, pathOf("tfjs"));
    expect(predict(await loadModel(pathOf("tfjs")))).toEqual(predict(network));
    await savePlainly(network, pathOf("tfjs-cut"), 7);
    expect(predict(await loadModel(pathOf("tfjs-cut")))).toEqual(predict(network));
  });

  it("take the folder, its JSON file under any name, and the scheme of tfjs-node", async () => {
    const network = perceptron();
    const folder = await saved("names", network);
    expect(predict(await loadModel(join(folder, "model.json")))).toEqual(predict(network));
    expect(predict(await loadModel(`file://${folder}/model.json`))).toEqual(predict(network));
    await rename(join(folder, "model.json"), join(folder, "digits.json"));
    expect(predict(await loadModel(join(folder, "digits.json")))).toEqual(predict(network));
    await saveModel(network, `file://${pathOf("scheme")}`);
    expect(existsSync(join(pathOf("scheme"), "model.json"))).toBe(true);
  });

  it("replace a model of tfjs and its shards, and one of their own with fewer", async () => {
    const network = perceptron();
    await savePlainly(network, pathOf("over-tfjs"), 7);
    await saveModel(network, pathOf("over-tfjs"));
    expect((await readdir(pathOf("over-tfjs"))).toSorted()).toEqual(["lethe-checksums.json", "model.json", "weights.bin"]);
    const folder = await saved("over-own", perceptron(200_000));
    await saveModel(network, folder);
    expect((await readdir(folder)).toSorted()).toEqual(["lethe-checksums.json", "model.json", "weights.bin"]);
    expect(predict(await loadModel(folder))).toEqual(predict(network));
  });

  it("do not touch a folder that holds other things", async () => {
    const folder = await saved("labels");
    await writeFile(join(folder, "labels.txt"), "cat\ndog");
    expect(await rejectionCode(saveModel(perceptron(), folder))).toBe("file/foreign-files");
    expect(await readFile(join(folder, "labels.txt"), "utf8")).toBe("cat\ndog");
  });

  it("keep the earlier model when the new one is not finite", async () => {
    const network = perceptron();
    const folder = await saved("diverged", network);
    const before = predict(network);
    network.layers[1].setWeights([tf.fill([3, 2], NaN), tf.zeros([2])]);
    expect(await rejectionCode(saveModel(network, folder))).toBe("model/non-finite");
    expect(predict(await loadModel(folder))).toEqual(before);
  });

  it("pass metadata through", async () => {
    const network = perceptron();
    network.setUserDefinedMetadata({ unlearned: ["a7", "b3"] });
    expect((await loadModel(await saved("metadata", network))).getUserDefinedMetadata()).toEqual({ unlearned: ["a7", "b3"] });
  });

  it("finish a save that was killed between its renames", async () => {
    const network = perceptron();
    const folder = await saved("killed", network);
    await rename(folder, pathOf(".killed.lethe-old"));
    expect(predict(await loadModel(join(folder, "model.json")))).toEqual(predict(network));
  });
});

describe("modelFolder", () => {
  it("saves and loads as a tfjs handler, optimiser included", async () => {
    const network = perceptron();
    network.compile({ optimizer: "adam", loss: "categoricalCrossentropy" });
    await network.fit(tf.ones([2, 4]), tf.oneHot([0, 1], 2), { verbose: 0 });
    const result = await network.save(modelFolder(pathOf("handler")), { includeOptimizer: true });
    expect(result.modelArtifactsInfo.weightDataBytes).toBeGreaterThan(4 * network.countParams());
    const copy = await tf.loadLayersModel(modelFolder(pathOf("handler")));
    const slots = async (model: tf.LayersModel) => (await model.optimizer.getWeights()).map(({ tensor }) => [...tensor.dataSync()]);
    expect(await slots(copy)).toEqual(await slots(network));
  });
});

describe("loadModel of a damaged folder", () => {
  it("names what is missing", async () => {
    expect(await rejectionCode(loadModel(pathOf("nowhere")))).toBe("model/not-found");
    expect(await rejectionCode(loadModel(pathOf("nowhere/model.json")))).toBe("model/not-found");
    const folder = await saved("missing");
    await rm(join(folder, "weights.bin"));
    const loading = loadModel(folder);
    expect(await rejectionCode(loading)).toBe("model/missing-shard");
    await expect(loading).rejects.toThrow(/weights\.bin of .*missing is missing/);
  });

  it("finds one changed bit by the checksums", async () => {
    const folder = await saved("bit");
    const weights = new Uint8Array(await readFile(join(folder, "weights.bin")));
    weights[5] ^= 1;
    await writeFile(join(folder, "weights.bin"), weights);
    const loading = loadModel(folder);
    expect(await rejectionCode(loading)).toBe("model/checksum");
    await expect(loading).rejects.toThrow(/bit\/weights\.bin is not the file that was written/);
  });

  it("finds a cut file without checksums, too", async () => {
    const folder = await saved("cut");
    const weights = await readFile(join(folder, "weights.bin"));
    await writeFile(join(folder, "weights.bin"), weights.subarray(0, -1));
    expect(await rejectionCode(loadModel(folder))).toBe("model/checksum");
    await rm(join(folder, "lethe-checksums.json"));
    expect(await rejectionCode(loadModel(folder))).toBe("model/weights-size-mismatch");
  });

  it("says what a JSON file is when it is no layers model", async () => {
    const folder = await saved("graph");
    await editJson(folder, (json) => Object.assign(json, { format: "graph-model" }));
    expect(await rejectionCode(loadModel(folder))).toBe("model/graph-model");
    await writeFile(join(folder, "model.json"), "{");
    expect(await rejectionCode(loadModel(folder))).toBe("model/bad-json");
    await writeFile(join(folder, "package.json"), '{"name":"x"}');
    expect(await rejectionCode(loadModel(join(folder, "package.json")))).toBe("model/not-a-layers-model");
  });

  it("never reads weights from outside the folder", async () => {
    const folder = await saved("escape");
    await rename(join(folder, "weights.bin"), pathOf("outside.bin"));
    await editJson(folder, (json) => {
      (json.weightsManifest as { paths: string[] }[])[0].paths = ["../outside.bin"];
    });
    expect(await rejectionCode(loadModel(folder))).toBe("model/unsafe-path");
  });

  it("survives any damage to model.json: a model or a LetheError", async () => {
    const folder = await saved("fuzz");
    await rm(join(folder, "lethe-checksums.json"));
    const text = await readFile(join(folder, "model.json"), "utf8");
    const codes = new Set<string | undefined>();
    // Every eleventh place, so that all parts of the file are met within a second.
    for (let at = 0; at < text.length; at += 11) {
      for (const damaged of [text.slice(0, at) + text.slice(at + 1), `${text.slice(0, at)}7${text.slice(at + 1)}`]) {
        await writeFile(join(folder, "model.json"), damaged);
        codes.add(await rejectionCode(loadModel(folder)));
        tf.disposeVariables();
      }
    }
    expect([...codes]).toEqual(expect.arrayContaining([undefined, "model/bad-json", "model/missing-shard", "model/not-loadable"]));
  });
});
