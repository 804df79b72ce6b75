import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, it, vi } from "vitest";
import { chooseBackend, inspectBackends } from "./choose.ts";

/** As tfjs-node does, the stand-in registers its backend and sets it while it is imported. */
beforeAll(async () => {
  await tf.setBackend("cpu");
  vi.stubEnv("LETHE_TFJS_NODE", "");
  vi.doMock("@tensorflow/tfjs-node", async () => {
    tf.registerBackend("tensorflow", () => tf.findBackend("cpu"), 3);
    await tf.setBackend("tensorflow");
    return { version: { "tfjs-node": "4.22.0" }, version_webgpu: undefined };
  });
});

it("guards live tensors against a package that sets its backend when it is imported", async () => {
  const alive = tf.scalar(1);
  const found = await inspectBackends();
  expect(found[0]).toMatchObject({ name: "tensorflow", available: true });
  expect(tf.getBackend()).toBe("cpu");
  await expect(chooseBackend()).rejects.toMatchObject({ code: "backend/tensors-alive", details: { current: "cpu", wanted: "tensorflow" } });
  expect(tf.getBackend()).toBe("cpu");
  alive.dispose();
  expect((await chooseBackend()).name).toBe("tensorflow");
});
