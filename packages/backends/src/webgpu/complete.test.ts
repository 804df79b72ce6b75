import * as tf from "@tensorflow/tfjs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { completeWebgpuBackend } from "./complete.ts";
import type { BufferManager } from "./device.ts";

/** A device and a buffer manager as the WebGPU backend has them, without a GPU. */
class StandIn {
  readonly lost: Promise<{ reason: string; message: string }>;
  lose: (how: { reason: string; message: string }) => void = () => {};
  refuse: (event: { error: Error }) => void = () => {};
  destroyed = 0;
  nextRead: () => Promise<unknown> = () => Promise.resolve(Float32Array.of(1));
  readonly bufferManager: BufferManager;
  readonly backend: object;

  constructor() {
    this.lost = new Promise((resolve) => (this.lose = resolve));
    const count = () => this.destroyed++;
    const manager = {
      numBytesUsed: 0,
      numBytesAllocated: 0,
      numFreeBuffers: 0,
      freeBuffers: new Map<string, { size: number; destroy(): void }[]>([["all", []]]),
      acquireBuffer(size: number) {
        manager.numBytesUsed += size;
        manager.numBytesAllocated += size;
        return { size, destroy: () => count() };
      },
      releaseBuffer(buffer: { size: number; destroy(): void }) {
        manager.numBytesUsed -= buffer.size;
        manager.numFreeBuffers++;
        manager.freeBuffers.get("all")!.push(buffer);
      },
    };
    this.bufferManager = manager;
    const device = {
      lost: this.lost,
      limits: { maxBufferSize: 2 ** 30, maxStorageBufferBindingSize: 2 ** 27 },
      queue: { onSubmittedWorkDone: () => Promise.resolve() },
      addEventListener: (_: string, listener: (event: { error: Error }) => void) => (this.refuse = listener),
    };
    this.backend = { device, bufferManager: manager, read: () => this.nextRead(), commandEncoder: null, dispose: () => {}, numDataIds: () => 0 };
  }

  read(): Promise<unknown> {
    return (this.backend as { read(): Promise<unknown> }).read();
  }
}

describe("the WebGPU backend", () => {
  let gpu: StandIn;
  beforeEach(async () => {
    await tf.setBackend("cpu");
    gpu = new StandIn();
    tf.registerBackend("webgpu", () => gpu.backend as tf.KernelBackend);
    expect(tf.findBackend("webgpu")).toBe(gpu.backend);
    completeWebgpuBackend();
  });
  afterEach(() => tf.removeBackend("webgpu"));

  it("says of a lost device how to go on, at every reading from then on", async () => {
    expect(await gpu.read()).toEqual(Float32Array.of(1));
    gpu.nextRead = () => Promise.reject(new Error("Failed to map the buffer"));
    const reading = gpu.read();
    gpu.lose({ reason: "unknown", message: "the driver was restarted" });
    const lost = {
      code: "backend/device-lost",
      message: expect.stringMatching(/\(the driver was restarted\).*goes on from the last one\.$/) as string,
    };
    await expect(reading).rejects.toMatchObject(lost);
    gpu.nextRead = () => Promise.resolve(Float32Array.of(0));
    await expect(gpu.read()).rejects.toMatchObject(lost);
  });

  it("tells of what the GPU refused instead of handing out what it left behind, once", async () => {
    gpu.refuse({ error: new Error("The number of storage buffers (11) exceeds the limit (8)\nmore") });
    gpu.refuse({ error: new Error("a consequence") });
    await expect(gpu.read()).rejects.toMatchObject({ code: "backend/device-error", details: { said: expect.stringContaining("(11)") as string } });
    expect(await gpu.read()).toEqual(Float32Array.of(1));
    gpu.refuse({ error: new Error("Out of memory") });
    await expect(gpu.read()).rejects.toMatchObject({ code: "backend/out-of-memory", message: expect.stringContaining("smaller batches") as string });
  });

  it("passes other errors on as they are", async () => {
    gpu.nextRead = () => Promise.reject(new Error("Tensor was not registered"));
    await expect(gpu.read()).rejects.toThrow(/^Tensor was not registered$/);
  });

  it("refuses a tensor that no buffer holds", () => {
    const make = () => gpu.bufferManager.acquireBuffer(2 ** 27 + 4, 0);
    expect(make).toThrow(expect.objectContaining({ code: "backend/too-large", details: { size: 2 ** 27 + 4, most: 2 ** 27 } }));
    expect(() => gpu.bufferManager.acquireBuffer(2 ** 27, 0)).not.toThrow();
  });

  it("gives free buffers back once they are more than what is in use", () => {
    const sizes = Array.from({ length: 40 }, (_, turn) => 2 ** 20 * (turn + 1));
    let most = 0;
    for (const size of sizes) {
      gpu.bufferManager.releaseBuffer(gpu.bufferManager.acquireBuffer(size, 0));
      most = Math.max(most, gpu.bufferManager.numBytesAllocated);
    }
    expect(most).toBeLessThan(2 ** 20 * 130);
    expect(gpu.destroyed).toBeGreaterThan(30);
    expect(gpu.bufferManager.numBytesUsed).toBe(0);
  });

  it("is completed once", async () => {
    const { read } = gpu.backend as { read: unknown };
    completeWebgpuBackend();
    expect((gpu.backend as { read: unknown }).read).toBe(read);
  });
});
