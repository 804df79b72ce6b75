import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { describeExamples } from "@lethe/vitest/examples";
import { beforeAll } from "vitest";
import * as assembler from "./assembler/index.ts";
import * as autodiff from "./autodiff/index.ts";
import * as curvature from "./curvature/index.ts";
import * as files from "./files/index.ts";
import * as core from "./index.ts";
import * as linalg from "./linalg/index.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
  process.chdir(mkdtempSync(join(tmpdir(), "lethe-examples-")));
  writeFileSync("model.safetensors", "test");
  await files.writeFolderAtomic("run", { "a.txt": new Uint8Array([1]), "b.txt": new Uint8Array([2]) });
});

/** Stands in for a method's package: it leaves the weights as they are. */
const unchanged: core.AnyMethod = {
  method: {
    contract: 1,
    id: "unchanged",
    title: "Nothing",
    citation: { authors: "", title: "", venue: "", year: 2026, url: "" },
    guarantee: "approximate",
    needs: { retain: "none", labels: "not-needed", trace: "not-needed", recipe: "not-needed", layers: "any" },
    scenarios: ["class"],
    options: { "~standard": { version: 1, vendor: "example", validate: (value) => ({ value }) } },
    unlearn: async ({ model }, _artifact, _options, context) => ({
      status: "completed",
      message: "",
      weights: core.unchangedWeights(model),
      artifact: undefined,
      report: {},
      cost: context.meter.read(),
    }),
  },
  options: {},
};

describeExamples({
  url: import.meta.url,
  scope: async () => {
    const network = tf.sequential({ layers: [tf.layers.dense({ units: 4, inputShape: [2], activation: "softmax" })] });
    const data = core.arrayDataset({ inputs: new Float32Array(16), inputShape: [2], labels: [0, 1, 2, 3, 0, 1, 2, 3] });
    const examples = { tf, network, data, method: unchanged, ssd: () => unchanged, context: core.createContext(), model: new core.Model(network) };
    const objective = core.crossEntropyObjective("softmax-cross-entropy");
    let artifacts: tf.io.ModelArtifacts | undefined;
    await network.save(
      tf.io.withSaveHandler(async (saved) => {
        artifacts = saved;
        return core.saveResult(saved);
      }),
    );
    return { ...core, ...assembler, ...autodiff, ...curvature, ...linalg, ...files, ...examples, objective, artifacts };
  },
});
