import * as tf from "@tensorflow/tfjs";
import { chooseBackend, type BackendName } from "@lethe/backends";
import type { LoadMethod } from "./job.ts";
import { sendable, type Notice, type Order } from "./messages.ts";
import { createJobRunner } from "./run-job.ts";

/** What tells a worker process its backend: the first argument after the script. */
export function workerArguments(backend: BackendName): string[] {
  return [backend];
}

/**
 * Makes this process a worker: it opens a backend of its own and does one job after the other, until the process that started it is gone. An application
 * gives `startWorkers` a script that does nothing but call this.
 *
 * @param loadMethod how this application finds methods.
 */
export function serveJobs(loadMethod: LoadMethod): void {
  const send = process.send?.bind(process);
  if (send === undefined) throw new Error("A worker script is started by startWorkers, as a process of its own.");
  // The cpu backend would advertise tfjs-node on stderr.
  tf.enableProdMode();
  const ready = chooseBackend({ name: process.argv[2] as BackendName });
  ready.catch(() => undefined);
  const runJob = createJobRunner(loadMethod);
  const interruption = new AbortController();
  // The one who is told may be gone before the system says so; that is no error of this process, and nobody is left to read of it.
  const tell = (notice: Notice) => void send(notice, undefined, undefined, (error) => error !== null && process.exit());

  process.on("message", (order: Order) => {
    if (order.type === "abort") return interruption.abort();
    const { job } = order;
    void ready
      .then(() => runJob(job, { signal: interruption.signal, onProgress: (progress) => tell({ type: "progress", progress }) }))
      // A result that cannot be sent, a function in a method's report, is a failure of its job like any other.
      .then((result) => tell({ type: "done", result }))
      .catch((error: unknown) => tell({ type: "failed", error: sendable(error) }));
  });
  // A terminal sends its interrupts to all processes; when to end is for the one that gives the orders to say.
  for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => undefined);
  process.on("disconnect", () => process.exit());
}
