import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { decodeSafetensors, encodeSafetensors, isLetheError, type HostTensor, type HostTree, type LetheError } from "@lethe/core";
import { allCnn, exportWeights, importWeights, mlp, resNet, smallResNet, textTransformer, vit } from "../index.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const options = { inputShape: [4], classes: 3, hidden: [2] } as const;
const pytorch = { from: "pytorch", architecture: "mlp", source: "net.safetensors" } as const;

async function exported(): Promise<HostTree> {
  return decodeSafetensors(await exportWeights(mlp(options), { to: "pytorch", architecture: "mlp" })).tensors;
}

function refusal(action: () => unknown): LetheError {
  try {
    action();
  } catch (error) {
    if (isLetheError(error)) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

/** What importing the tensors is refused with, after a check that it left the network as it was. */
async function refusedImport(tensors: HostTree, metadata = {}): Promise<LetheError> {
  const network = mlp(options);
  const values = () => network.getWeights().map((weight) => [...weight.dataSync()]);
  const before = values();
  const error = refusal(() => importWeights(network, encodeSafetensors(tensors, metadata), pytorch));
  expect(values()).toEqual(before);
  return error;
}

const vector = (...values: number[]): HostTensor => ({ shape: [values.length], values: Float32Array.from(values) });

describe("importWeights refuses", () => {
  it("missing, unexpected and misshapen tensors, all of them at once", async () => {
    const { "fc1.bias": _, ...rest } = await exported();
    const error = await refusedImport({ ...rest, "fc2.bias": vector(1, 2), "fc2.scale": vector(1), extra: vector(2) });
    expect(error.code).toBe("weights/mismatch");
    expect(error.message).toBe(
      "net.safetensors does not fit mlp with pytorch names: 1 missing (fc1.bias); 2 unexpected (fc2.scale, extra); " +
        "1 of another shape (fc2.bias [2] instead of [3]); check the architecture, its width, its input and its classes.",
    );
    expect(error.details).toMatchObject({
      missing: ["fc1.bias"],
      unexpected: ["fc2.scale", "extra"],
      misshapen: [{ name: "fc2.bias", shape: [2], needed: [3] }],
    });
  });

  it("a transposed kernel", async () => {
    const tensors = await exported();
    const error = await refusedImport({ ...tensors, "fc1.weight": { ...tensors["fc1.weight"], shape: [4, 2] } });
    expect(error.details.misshapen).toEqual([{ name: "fc1.weight", shape: [4, 2], needed: [2, 4] }]);
  });

  it("a number that is none", async () => {
    const error = await refusedImport({ ...(await exported()), "fc2.bias": vector(1, Number.NaN, 3) });
    expect(error.code).toBe("weights/non-finite");
    expect(error.message).toContain("fc2.bias of net.safetensors holds NaN at position 1");
  });

  it("doubles that float32 would round, and takes those that it would not", async () => {
    const tensors = await exported();
    const doubles = (...values: number[]): HostTree => ({ ...tensors, "fc2.bias": { shape: [3], values: Float64Array.from(values) } });
    expect((await refusedImport(doubles(0.5, 0.1, 2))).code).toBe("safetensors/inexact");
    const network = mlp(options);
    importWeights(network, encodeSafetensors(doubles(0.5, 0.25, 2)), pytorch);
    expect([...network.getLayer("classifier").getWeights()[1].dataSync()]).toEqual([0.5, 0.25, 2]);
  });

  it("what is no safetensors file", () => {
    expect(refusal(() => importWeights(mlp(options), Uint8Array.of(1, 2, 3), pytorch)).code).toBe("safetensors/truncated");
  });

  it("names that the architecture does not have", () => {
    const bytes = encodeSafetensors({});
    const error = refusal(() => importWeights(mlp(options), bytes, { from: "timm", architecture: "mlp" }));
    expect([error.code, error.message]).toEqual([
      "weights/unknown-names",
      "There are no timm names for the weights of mlp; choose pytorch or keras.",
    ]);
    const text = textTransformer({ inputShape: [4], classes: 2, vocabulary: 5, width: 4, heads: 2, depth: 1 });
    const none = refusal(() => importWeights(text, bytes, { from: "keras", architecture: "text-transformer" }));
    expect(none.message).toContain("save it as a model.json instead");
  });

  it.each([
    ["a network without a layer of the architecture", () => mlp(options), "resnet18", "has no layer stem/conv"],
    ["a network with a layer more", () => resNet({ inputShape: [9, 9, 1], classes: 2, width: 1 }), "mlp", "has a layer stem/conv"],
    [
      "All-CNN without its batch norm",
      () => allCnn({ inputShape: [9, 9, 1], classes: 2, width: 1, variant: "paper" }),
      "allcnn",
      "has no layer norm1",
    ],
  ] as const)("%s", (_, build, architecture, fact) => {
    const error = refusal(() => importWeights(build(), encodeSafetensors({}), { from: "pytorch", architecture }));
    expect(error.code).toBe("weights/wrong-architecture");
    expect(error.message).toContain(fact);
  });
});

describe("padding that PyTorch does not have", () => {
  const network = (side: number) => smallResNet({ inputShape: [side, 9, 1], classes: 2, width: 1 });
  const architecture = "resnet8";

  it("is refused both ways at even sides", async () => {
    const reading = refusal(() => importWeights(network(8), encodeSafetensors({}), { from: "pytorch", architecture }));
    expect(reading.code).toBe("weights/uneven-padding");
    expect(reading.message).toContain("The layer stage2/block1/conv1 of resnet8 pads its 8 x 9 pixels");
    await expect(exportWeights(network(8), { to: "pytorch", architecture })).rejects.toMatchObject({ code: "weights/uneven-padding" });
  });

  it("is refused where only a later stage sees it", () => {
    // 11 pixels become 6, which the third stage halves.
    const error = refusal(() => importWeights(network(11), encodeSafetensors({}), { from: "pytorch", architecture }));
    expect(error.message).toContain("stage3/block1/conv1");
  });
});

describe("a classifier that is kept", () => {
  it("stays as it is whatever the file's classes are, or where it has none", async () => {
    const file = encodeSafetensors({ ...(await exported()), "fc2.weight": vector(1), "fc1.bias": vector(7, 8) });
    const { "fc2.weight": _, "fc2.bias": __, ...body } = decodeSafetensors(file).tensors;
    for (const bytes of [file, encodeSafetensors(body)]) {
      const network = mlp({ ...options, classes: 9 });
      const before = network.getLayer("classifier").getWeights()[0].arraySync();
      importWeights(network, bytes, { ...pytorch, classifier: "keep" });
      expect(network.getLayer("classifier").getWeights()[0].arraySync()).toEqual(before);
      expect([...network.getLayer("hidden1").getWeights()[1].dataSync()]).toEqual([7, 8]);
    }
  });
});

describe("torchvision's older names", () => {
  it("are read as the present ones", async () => {
    const build = () => vit({ inputShape: [4, 4, 1], classes: 2, patch: 2, width: 4, depth: 1, heads: 1 });
    const network = build();
    const bytes = await exportWeights(network, { to: "torchvision", architecture: "vit-base-16" });
    const older = Object.entries(decodeSafetensors(bytes).tensors).map(([name, tensor]) => [
      name.replace(".mlp.0.", ".mlp.linear_1.").replace(".mlp.3.", ".mlp.linear_2."),
      tensor,
    ]);
    expect(older.map(([name]) => name)).toContain("encoder.layers.encoder_layer_0.mlp.linear_2.bias");
    const other = build();
    importWeights(other, encodeSafetensors(Object.fromEntries(older) as HostTree), { from: "torchvision", architecture: "vit-base-16" });
    expect(await exportWeights(other, { to: "torchvision", architecture: "vit-base-16" })).toEqual(bytes);
  });
});
