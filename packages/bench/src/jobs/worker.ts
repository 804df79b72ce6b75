import { parentPort, workerData } from "node:worker_threads";
import type { BackendName } from "@lethe/backends";
import { isLetheError } from "@lethe/core";
import { openBackend } from "../compute/backend.ts";
import type { Notice, Order, SentError } from "./messages.ts";
import { runJob } from "./run-job.ts";

/** The entry of a worker thread: has a backend of its own, does one job after the other. */
const port = parentPort;
if (port === null) throw new Error("worker.js is started by lethe, as a worker thread");

const ready = openBackend((workerData as { readonly backend: BackendName }).backend);
const interruption = new AbortController();
const send = (notice: Notice) => port.postMessage(notice);

port.on("message", (order: Order) => {
  if (order.type === "abort") interruption.abort();
  else void answer(order.job);
});

async function answer(job: Extract<Order, { type: "job" }>["job"]): Promise<void> {
  try {
    await ready;
    const result = await runJob(job, { signal: interruption.signal, onProgress: (progress) => send({ type: "progress", progress }) });
    send({ type: "done", result });
  } catch (error) {
    send({ type: "failed", error: sendable(error) });
  }
}

function sendable(error: unknown): SentError {
  if (!(error instanceof Error)) return { code: undefined, message: String(error), details: {}, stack: "" };
  const known = isLetheError(error) ? error : undefined;
  // Details may hold what cannot be sent, such as functions; JSON is what they are meant to survive.
  return {
    code: known?.code,
    message: error.message,
    details: JSON.parse(JSON.stringify(known?.details ?? {})) as SentError["details"],
    stack: error.stack ?? "",
  };
}
