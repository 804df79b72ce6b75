import { parentPort, workerData } from "node:worker_threads";
import * as tf from "@tensorflow/tfjs";
import { createPoolWorker } from "@lethe/core/pool";
import { chooseBackend } from "../choose.ts";
import { buffersOf, sendable, type Notice, type Order, type Start } from "./messages.ts";

/** Makes this thread a worker: it opens a wasm backend of its own and computes what the thread that started it asks for. */
export function serve(): void {
  const port = parentPort;
  if (port === null) throw new Error("A pool's script is started by createWasmPool, in a thread of its own.");
  const tell = (notice: Notice, handedOver: ArrayBuffer[] = []): void => port.postMessage(notice, handedOver);
  start(workerData as Start).then(
    () => tell({ type: "ready" }),
    (error: unknown) => tell({ type: "failed-to-start", error: sendable(error) }),
  );
  const worker = createPoolWorker();
  port.on("message", (order: Order) => {
    if (order.type === "open") return worker.open(order.session, order.work, () => Atomics.load(order.closed, 0) === 1);
    if (order.type === "close") return worker.close(order.session);
    const { id } = order;
    return void worker.compute(order.session, order.batches).then(
      (answer) => tell({ type: "done", id, answer }, buffersOf(answer.result)),
      (error: unknown) => tell({ type: "failed", id, error: sendable(error) }),
    );
  });
}

async function start({ modules }: Start): Promise<void> {
  // Else tfjs would advertise its native backend in every thread.
  tf.enableProdMode();
  await chooseBackend({ name: "wasm" });
  for (const module of modules) await import(module);
}
