import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, it } from "vitest";
import { createRandom } from "@lethe/core";
import { drawInputs, narrowBuilders } from "./fixtures/narrow.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

/** A server that keeps what tfjs's own http handler uploads (`model.json` and a weight file) and serves it again. */
function memoryServer(): typeof fetch {
  const files = new Map<string, Blob>();
  return async (url, init) => {
    if (init?.body instanceof FormData) {
      init.body.forEach((file, name) => files.set(name, file as Blob));
      return new Response(null, { status: 200 });
    }
    const file = files.get(String(url).split("/").at(-1) ?? "");
    return file ? new Response(await file.arrayBuffer()) : new Response(null, { status: 404 });
  };
}

it.each(narrowBuilders)("$id survives model.json and its weight file", async (builder) => {
  const network = builder.build({ inputShape: builder.inputShape, classes: 10 });
  const inputs = await drawInputs(builder, createRandom(1), 3);
  // Moving statistics of batch norm must travel, too: give them other values than those a new network starts with.
  network.apply(inputs, { training: true });
  const fetchFunc = memoryServer();
  await network.save(tf.io.http("https://example.org/model.json", { fetchFunc }));
  const loaded = await tf.loadLayersModel("https://example.org/model.json", { fetchFunc });
  expect(loaded.name).toBe(network.name);
  expect(loaded.layers.map((layer) => layer.name)).toEqual(network.layers.map((layer) => layer.name));
  const [mine, theirs] = [network.getWeights(), loaded.getWeights()];
  for (let i = 0; i < mine.length; i++) expect([...(await theirs[i].data())]).toEqual([...(await mine[i].data())]);
  const [expected, actual] = [network, loaded].map((each) => each.predict(inputs) as tf.Tensor);
  expect([...(await actual.data())]).toEqual([...(await expected.data())]);
});
