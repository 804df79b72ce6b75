import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { chooseBackend } from "@lethe/backends";
import { LetheError, type Progress } from "@lethe/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { trainJob, unlearnJob } from "../fixtures/jobs.ts";
import { loadMethod } from "../fixtures/load-method.ts";
import type { TrainedResult, TrainJob } from "./job.ts";
import { startWorkers } from "./start-workers.ts";
import type { Workers } from "./workers.ts";

const entry = new URL("../fixtures/worker.mjs", import.meta.url);
const lost = expect.objectContaining({ code: "environment/worker-lost", details: { reason: "SIGKILL" } }) as Error;

const opened: Workers[] = [];
function open(count: number): { readonly workers: Workers; readonly interruption: AbortController } {
  const interruption = new AbortController();
  const workers = startWorkers({ backend: "wasm", jobs: 100, count, signal: interruption.signal, loadMethod, entry });
  opened.push(workers);
  return { workers, interruption };
}
beforeAll(() => chooseBackend({ name: "wasm" }));
afterAll(() => Promise.all(opened.map((workers) => workers.close())));

const forever = () => trainJob(1, 1_000_000);

/** Begins a job and waits until it is at work; the outcome is looked at later. */
async function begin(workers: Workers, job: TrainJob): Promise<{ readonly outcome: Promise<unknown> }> {
  let outcome: Promise<unknown> = Promise.resolve();
  await new Promise<void>((resolve, reject) => {
    outcome = workers.run<"train">(job, { onProgress: () => resolve() });
    outcome.catch(reject);
  });
  return { outcome };
}

// These share two workers, which the last of them loses.
describe.sequential("worker processes", () => {
  let workers: Workers;
  beforeAll(() => {
    ({ workers } = open(2));
  });

  test("come to the same bits as this process", async () => {
    const jobs = await Promise.all([1, 2, 3].map((seed) => trainJob(seed, 2)));
    const { workers: here } = open(1);
    const expected = await Promise.all(jobs.map((job) => here.run<"train">({ ...job, outputs: "logits" })));
    const progress: number[] = [];
    let started = 0;
    const watch = { onStart: () => started++, onProgress: ({ completed }: Progress) => progress.push(completed) };
    const found = await Promise.all(jobs.map((job) => workers.run<"train">(async () => ({ ...job, outputs: "logits" }), watch)));
    const untimed = (results: readonly TrainedResult[]) => results.map((result) => ({ ...result, cost: null }));
    expect(untimed(found)).toEqual(untimed(expected));
    expect(new Set(found.map(({ weights }) => weights)).size).toBe(3);
    expect([workers.count, started]).toEqual([2, 3]);
    expect(Math.max(...progress)).toBe(2 * 1437);
  });

  test("send errors with their codes, and go on; so for what cannot be sent", async () => {
    await expect(workers.run<"unlearn">(await unlearnJob("unwilling"))).rejects.toMatchObject({
      code: "unwilling/refused",
      message: "Not these samples.",
    });
    await expect(workers.run<"unlearn">(await unlearnJob("ssd", { alhpa: 1 }))).rejects.toMatchObject({
      code: "options/invalid",
      details: { method: "ssd" },
    });
    await expect(workers.run<"unlearn">(await unlearnJob("unsendable"))).rejects.toThrow(/could not be cloned/);
    const notSent = { ...(await unlearnJob("idle")), settings: { callback: () => undefined } };
    await expect(workers.run<"unlearn">(notSent)).rejects.toThrow(/could not be cloned/);
    const vanished = () => Promise.reject(new LetheError("experiment/cache-changed", "Gone."));
    await expect(workers.run<"unlearn">(vanished)).rejects.toMatchObject({ code: "experiment/cache-changed" });
    expect(await workers.run<"unlearn">(await unlearnJob("idle"))).toMatchObject({ status: "no-effect" });
  });

  test("discarded, finish what is begun", async () => {
    const begun = await Promise.all([1, 2].map(async (seed) => begin(workers, await trainJob(seed, 20))));
    const job = await trainJob(1, 1);
    const waiting = Promise.allSettled([workers.run<"train">(job), workers.run<"train">(job)]);
    const reason = new Error("not wanted");
    workers.discard(reason);
    expect(await waiting).toEqual([1, 2].map(() => ({ status: "rejected", reason })));
    for (const { outcome } of begun) expect(await outcome).toMatchObject({ loss: expect.any(Number) as unknown });
  });

  test("killed, take their own job with them and no other; all killed, refuse what waits and what comes", async () => {
    const fatal = await unlearnJob("fatal");
    const first = workers.run<"unlearn">(fatal);
    const others = [1, 2, 3].map(async (seed) => (await workers.run<"train">(await trainJob(seed, 1))).weights);
    await expect(first).rejects.toEqual(lost);
    expect(new Set(await Promise.all(others)).size).toBe(3);
    const outcomes = await Promise.allSettled([fatal, fatal, fatal].map((job) => workers.run<"unlearn">(job)));
    expect(outcomes).toEqual([1, 2, 3].map(() => ({ status: "rejected", reason: lost })));
    await expect(workers.run<"train">(await trainJob(1, 1))).rejects.toEqual(lost);
  });
});

describe("worker processes", () => {
  test("interrupted, end their jobs and begin none", async () => {
    const { workers, interruption } = open(2);
    const job = await forever();
    const [a, b] = await Promise.all([begin(workers, job), begin(workers, job)]);
    const outcomes = Promise.allSettled([a.outcome, b.outcome, workers.run<"train">(job)]);
    interruption.abort();
    const aborted = { status: "rejected", reason: expect.objectContaining({ code: "run/aborted" }) as Error };
    expect(await outcomes).toEqual([aborted, aborted, aborted]);
    await expect(workers.run<"train">(job)).rejects.toMatchObject({ code: "run/aborted" });
  });

  test("closed in the middle of jobs, leave nobody waiting", async () => {
    const { workers } = open(2);
    const job = await forever();
    const outcomes = Promise.allSettled([1, 2, 3].map(() => workers.run<"train">(job)));
    await workers.close();
    const closed = { status: "rejected", reason: expect.objectContaining({ code: "environment/workers-closed" }) as Error };
    expect(await outcomes).toEqual([closed, closed, closed]);
    await expect(workers.run<"train">(job)).rejects.toMatchObject({ code: "environment/workers-closed" });
  });

  test("end when the process that started them is killed, without a word", async () => {
    const parent = spawn(process.execPath, [fileURLToPath(new URL("../fixtures/parent.mjs", import.meta.url))], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const said: string[] = [];
    parent.stderr.on("data", (chunk: Buffer) => said.push(chunk.toString()));
    // The workers hold the same pipes: they are closed when the last of them has ended, and not before.
    const closed = new Promise<void>((resolve) => parent.on("close", () => resolve()));
    await new Promise<void>((resolve) => parent.stdout.on("data", (chunk: Buffer) => chunk.toString().includes("busy") && resolve()));
    parent.kill("SIGKILL");
    await closed;
    expect(said.join("")).toBe("");
  });
});

describe("in this process", () => {
  test("jobs follow one another, and one that fails stops no other", async () => {
    const { workers } = open(1);
    const order: string[] = [];
    const job = (name: string, method: string) => workers.run<"unlearn">(() => unlearnJob(method), { onStart: () => order.push(name) });
    const outcomes = await Promise.allSettled([job("a", "idle"), job("b", "broken"), job("c", "idle")]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(order).toEqual(["a", "b", "c"]);
    expect(workers.count).toBe(1);
  });

  test("what waits is discarded, what comes later is not", async () => {
    const { workers } = open(1);
    const idle = await unlearnJob("idle");
    const { outcome } = await begin(workers, await trainJob(1, 5));
    const asked = [workers.run<"unlearn">(idle), workers.run<"unlearn">(idle)];
    workers.discard(new Error("first"));
    asked.push(workers.run<"unlearn">(idle));
    workers.discard(new Error("second"));
    asked.push(workers.run<"unlearn">(idle));
    const outcomes = await Promise.allSettled([outcome, ...asked]);
    const ends = outcomes.map((each) => (each.status === "rejected" ? String(each.reason) : "done"));
    expect(ends).toEqual(["done", "Error: first", "Error: first", "Error: second", "done"]);
  });

  test("closing waits for the job at hand and refuses the others", async () => {
    const { workers } = open(1);
    const idle = await unlearnJob("idle");
    const { outcome } = await begin(workers, await trainJob(1, 5));
    const outcomes = Promise.allSettled([workers.run<"unlearn">(idle)]);
    await workers.close();
    expect(await outcomes).toMatchObject([{ status: "rejected", reason: { code: "environment/workers-closed" } }]);
    expect(await outcome).toMatchObject({ weights: expect.any(String) as unknown });
    await expect(workers.run<"unlearn">(idle)).rejects.toMatchObject({ code: "environment/workers-closed" });
  });

  test("an interrupted job ends, and no other begins", async () => {
    const { workers, interruption } = open(1);
    const { outcome } = await begin(workers, await forever());
    const outcomes = Promise.allSettled([outcome, workers.run<"unlearn">(await unlearnJob("idle"))]);
    interruption.abort();
    const aborted = { status: "rejected", reason: expect.objectContaining({ code: "run/aborted" }) as Error };
    expect(await outcomes).toEqual([aborted, aborted]);
  });
});
