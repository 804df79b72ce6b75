// @ts-check
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chooseBackend } from "@lethe/backends";
import { arrayDataset, createContext, createRandom, memoryStorage, train, trajectoryRecorder } from "@lethe/core";
import { folderStorage } from "@lethe/core/files";
import * as tf from "@tensorflow/tfjs";
import { medianOfPairs } from "./pairs.mjs";
import { fashion, network } from "./problems.mjs";

/** MNIST's 60,000 images in 100 blocks are 600 each; of those blocks, so many are trained. */
const blocks = 10;
const samplesPerBlock = 600;

/** One epoch a block, as DeepObliviate's experiments train. @type {import("@lethe/core").Recipe} */
const recipe = {
  seed: 1,
  epochs: 1,
  batchSize: 32,
  order: { kind: "blocks", blocks },
  optimiser: { kind: "sgd", momentum: 0.9 },
  schedule: { kind: "constant", rate: 0.01 },
};

/** Pictures of the Fashion-MNIST sample, each several times over: how often one was seen matters to no snapshot. */
async function pictures() {
  const sample = await fashion();
  const size = blocks * samplesPerBlock;
  const positions = Uint32Array.from({ length: size }, (_, i) => i % sample.size);
  const { inputs, labels } = await sample.read(positions);
  return arrayDataset({ inputs: /** @type {Float32Array} */ (inputs.values), inputShape: sample.inputShape, labels, classCount: sample.classCount });
}

/** Training LeNet-5 with a snapshot of weights and momentum after every block, in a folder, over training it without. */
export async function recordedOverPlain() {
  await chooseBackend();
  const data = await pictures();
  const model = network("lenet5", [28, 28, 1]);
  const parent = await mkdtemp(join(tmpdir(), "lethe-bench-"));
  let round = 0;
  /** @param {import("@lethe/core").TrainingRecorder<unknown>} [recorder] */
  const run = async (recorder) => {
    const { weights } = await train({ model, data, recipe, context: createContext(), recorder });
    tf.dispose([weights.parameters, weights.buffers]);
  };
  try {
    return await medianOfPairs(
      async () => run(trajectoryRecorder({ storage: await folderStorage(join(parent, String(round++))), every: "blocks" })),
      () => run(),
      { pairs: 9, warmup: 1 },
    );
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}

/** What those snapshots take, over the bytes of the tensors in them. */
export async function storedOverRaw() {
  await chooseBackend();
  const data = await pictures();
  const model = network("lenet5", [28, 28, 1]).initialise(createRandom(1));
  const recorder = trajectoryRecorder({ storage: memoryStorage(), every: "blocks" });
  const { artifact: trajectory } = await train({ model, data, recipe, context: createContext(), recorder });
  if (trajectory === undefined) throw new Error("Nothing was recorded.");
  const { parameters, slots, buffers } = await trajectory.read(0);
  const raw = [parameters, slots, buffers].flatMap((tree) => Object.values(tree)).reduce((sum, { values }) => sum + values.byteLength, 0);
  return trajectory.bytes / (raw * trajectory.entries.length);
}
