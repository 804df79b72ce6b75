import { existsSync } from "node:fs";
import { availableParallelism, freemem } from "node:os";
import { inThisProcess } from "./in-this-process.ts";
import { inProcesses } from "./processes.ts";
import type { Workers, WorkersRequest } from "./workers.ts";

/** What one worker may come to need: TensorFlow.js, a model, its batches. */
const workerBytes = 500e6;

/** Worker processes, each with a backend of its own; or this process alone where one is all there is to gain. */
export function startWorkers({ backend, jobs, signal, count, entry, loadMethod }: WorkersRequest): Workers {
  const parallel = backend === "wasm" || backend === "cpu" ? Math.min(availableParallelism(), Math.floor(freemem() / workerBytes)) : 1;
  const size = Math.min(count ?? parallel, jobs);
  return size > 1 && entry !== undefined && existsSync(entry) ? inProcesses(size, backend, signal, entry) : inThisProcess(signal, loadMethod);
}
