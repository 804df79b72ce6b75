import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { killEach } from "./fixtures/kills.ts";
import { translate } from "./fixtures/killed-program.ts";

let folder = "";

beforeAll(async () => {
  await tf.setBackend("cpu");
  folder = await mkdtemp(join(tmpdir(), "lethe-killed-"));
  await translate(join(folder, "program"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.skipIf(process.platform === "win32")("a program that is killed", () => {
  it("leaves a storage that opens, goes on, and ends with the same hash", async () => {
    // A seed whose last kill of unlearning comes after the deletion.
    const { kills, answered } = await killEach((name) => join(folder, name), join(folder, "program"), { seed: "d", moments: 3, times: [] });
    expect(kills).toBeGreaterThanOrEqual(5);
    expect(answered).toBeGreaterThanOrEqual(1);
  });
});
