import * as tf from "@tensorflow/tfjs";
import { arrayDataset, createContext, createRandom, Model, train, unlearn, type Dataset } from "@lethe/core";
import { beforeAll, describe, expect, it } from "vitest";
import { amnesiacRelabel } from "./index.ts";
import { relabelled, wrongLabels } from "./wrong-labels.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const labels = Array.from({ length: 40 }, (_, i) => i % 4);

const data = (): Dataset =>
  arrayDataset({ inputs: Float32Array.from({ length: 80 }, (_, i) => Math.sin(i)), inputShape: [2], labels, ids: labels.map((_, i) => `s${i}`) });

const split = (ids: readonly string[]) => {
  const of = (isForgotten: boolean) => {
    const own = data();
    const positions = own.ids.flatMap((id, position) => (ids.includes(id) === isForgotten ? [position] : []));
    return { ...own, size: positions.length, ids: positions.map((at) => own.ids[at]), labels: Int32Array.from(positions, (at) => own.labels[at]) };
  };
  return { forget: of(true), retain: of(false) };
};

describe("wrong labels", () => {
  it("are any but the true one, each about as often, and fixed by the seed and the id", () => {
    const problem = split(data().ids.slice(0, 30));
    const drawn = wrongLabels(problem, createRandom(1));
    problem.forget.ids.forEach((id, i) => expect(drawn.get(id)).not.toBe(problem.forget.labels[i]));
    expect(new Set(drawn.values())).toEqual(new Set([0, 1, 2, 3]));
    const fewer = wrongLabels(split(["s7", "s2"]), createRandom(1));
    expect([fewer.get("s7"), fewer.get("s2")]).toEqual([drawn.get("s7"), drawn.get("s2")]);
    expect(wrongLabels(problem, createRandom(2))).not.toEqual(drawn);
  });

  it("are not those of another class that is forgotten as a whole", () => {
    const ids = data().ids.filter((_, i) => labels[i] < 2);
    expect([...wrongLabels(split(ids), createRandom(1)).values()].every((label) => label >= 2)).toBe(true);
    const all = data().ids.filter((_, i) => labels[i] !== 3);
    expect(new Set(wrongLabels(split(all), createRandom(1)).values())).toEqual(new Set([3]));
  });

  it("are of any class where the retained data has none but the true one, and are missed where there is one class", () => {
    const ids = data().ids.filter((_, i) => labels[i] !== 3 || i === 3);
    expect([0, 1, 2]).toContain(wrongLabels(split(ids), createRandom(1)).get("s3"));
    const one = { ...split(["s0"]).forget, classCount: 1 };
    expect(() => wrongLabels({ forget: one, retain: one }, createRandom(1))).toThrow(expect.objectContaining({ code: "amnesiac-relabel/one-class" }));
  });

  it("take the place of the true ones and of nothing else", async () => {
    const changed = relabelled(data(), new Map([["s2", 3]]));
    expect([...changed.labels]).toEqual(labels.with(2, 3));
    const read = await changed.read([1, 2, 3]);
    expect([...read.labels]).toEqual([1, 3, 3]);
    expect(read.inputs).toEqual((await data().read([1, 2, 3])).inputs);
    expect(await changed.hash()).not.toBe(await data().hash());
    expect(await relabelled(data(), new Map()).hash()).toBe(await data().hash());
  });
});

describe("amnesiacRelabel", () => {
  const network = () =>
    tf.sequential({ layers: [tf.layers.dense({ units: 4, inputShape: [2], activation: "softmax", kernelInitializer: "zeros", name: "head" })] });

  it("has the published settings as defaults", () => {
    expect(amnesiacRelabel().options).toEqual({ epochs: 3, rate: 1e-4, batchSize: 128 });
  });

  it("is training by Adam on all of the data, the forgotten with wrong labels", async () => {
    const context = createContext({ seed: 3 });
    const forget = { class: 1 };
    const { model, report, cost } = await unlearn({
      model: network(),
      data: data(),
      forget,
      method: amnesiacRelabel({ batchSize: 16, rate: 0.1 }),
      seed: 3,
    });
    const changes = wrongLabels(split(data().ids.filter((_, i) => labels[i] === 1)), context.random.split("wrong labels"));
    const recipe = {
      seed: context.random.split("relabelling").integer(2 ** 32),
      epochs: 3,
      batchSize: 16,
      optimiser: { kind: "adam" },
      schedule: { kind: "constant", rate: 0.1 },
    } as const;
    const start = new Model(network());
    const { weights, losses } = await train({ model: start, data: relabelled(data(), changes), recipe, context });
    expect(await new Model(model).hash()).toBe(await start.copy(weights).hash());
    expect(report).toEqual({ epochs: 3, steps: 9, finalLoss: losses[2] });
    expect(cost.samplesBackward).toBe(120);
  });

  it("leaves the model as it was when it diverges, and names a lower rate", async () => {
    const { status, message, model } = await unlearn({
      model: network(),
      data: data(),
      forget: { class: 1 },
      method: amnesiacRelabel({ rate: 1e38 }),
    });
    expect(status).toBe("non-finite");
    expect(message).toContain("Try a rate of 1e+37.");
    expect(await new Model(model).hash()).toBe(await new Model(network()).hash());
  });
});
