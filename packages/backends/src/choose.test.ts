import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { chooseBackend, inspectBackends } from "./choose.ts";
import type { BackendName } from "./candidates.ts";

// In the order of one process: inspect, force, choose. tfjs-node is not installed in this repository, and Node 20 has no navigator.
describe("choosing a backend", () => {
  beforeAll(() => {
    vi.stubEnv("LETHE_TFJS_NODE", "");
    vi.stubEnv("LETHE_WEBGPU", "");
  });

  it("inspects every backend without setting one", async () => {
    const found = await inspectBackends();
    expect(found.map(({ name, available }) => [name, available])).toEqual([
      ["tensorflow", false],
      ["webgpu", false],
      ["wasm", true],
      ["cpu", true],
    ]);
    expect(found[0]?.reason).toContain("@tensorflow/tfjs-node is not installed");
    expect(tf.engine().backendName ?? undefined).toBeUndefined();
  });

  it("refuses a missing backend and says how to get it", async () => {
    await expect(chooseBackend({ name: "tensorflow" })).rejects.toMatchObject({
      code: "backend/unavailable",
      message: expect.stringMatching(/not installed.*Install @tensorflow\/tfjs-node/) as string,
    });
    await expect(chooseBackend({ name: "cuda" as BackendName })).rejects.toMatchObject({
      code: "backend/unknown",
    });
  });

  it("says what the system says of a native library that does not fit", async () => {
    const folder = await mkdtemp(join(tmpdir(), "tfjs-node-"));
    await writeFile(join(folder, "index.js"), 'throw new Error("libtensorflow.so.2: invalid ELF header\\nand more");');
    vi.stubEnv("LETHE_TFJS_NODE", folder);
    await expect(chooseBackend({ name: "tensorflow" })).rejects.toMatchObject({
      code: "backend/unavailable",
      message: expect.stringMatching(/which LETHE_TFJS_NODE names, does not load: libtensorflow\.so\.2: invalid ELF header\. Install/) as string,
    });
    vi.stubEnv("LETHE_TFJS_NODE", "");
  });

  it("says which variable led nowhere", async () => {
    vi.stubEnv("LETHE_TFJS_NODE", "/nowhere/tfjs-node");
    await expect(chooseBackend({ name: "tensorflow" })).rejects.toMatchObject({
      code: "backend/unavailable",
      message: expect.stringContaining("The tfjs-node in /nowhere/tfjs-node, which LETHE_TFJS_NODE names, is not installed.") as string,
    });
    vi.stubEnv("LETHE_TFJS_NODE", "");
  });

  it("takes the fastest that works and says why", async () => {
    const chosen = await chooseBackend();
    expect(chosen).toMatchObject({
      name: "wasm",
      reason: expect.stringContaining("fastest") as string,
    });
    expect(chosen.considered.map(({ name }) => name)).toEqual(["tensorflow", "webgpu", "wasm"]);
    expect(chosen.versions).toMatchObject({
      "@tensorflow/tfjs": tf.version.tfjs,
      "@tensorflow/tfjs-backend-wasm": tf.version.tfjs,
    });
    expect(tf.getBackend()).toBe("wasm");
    expect(tf.getKernel("Conv2DBackpropFilter", "wasm")).toBeDefined();
  });

  it("does not switch under live tensors", async () => {
    const x = tf.scalar(1);
    await expect(chooseBackend({ name: "cpu" })).rejects.toMatchObject({
      code: "backend/tensors-alive",
      details: { tensors: 1 },
    });
    expect((await chooseBackend({ name: "wasm" })).name).toBe("wasm");
    x.dispose();
    expect((await chooseBackend({ name: "cpu" })).name).toBe("cpu");
    expect(tf.getBackend()).toBe("cpu");
  });
});
