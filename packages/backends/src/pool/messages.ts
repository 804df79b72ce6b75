import { LetheError, isLetheError, type HostTree, type PoolAnswer, type PoolBatch, type PoolWork } from "@lethe/core";

/** From the thread that has the pool to a worker. */
export type Order =
  | { readonly type: "open"; readonly session: number; readonly work: PoolWork; readonly closed: Int32Array }
  | { readonly type: "compute"; readonly session: number; readonly id: number; readonly batches: readonly PoolBatch[] }
  | { readonly type: "close"; readonly session: number };

/** And back. */
export type Notice = { readonly type: "ready" } | { readonly type: "failed-to-start"; readonly error: SentError } | Answer;

/** To the call of this id. */
export type Answer =
  | { readonly type: "done"; readonly id: number; readonly answer: PoolAnswer }
  | { readonly type: "failed"; readonly id: number; readonly error: SentError };

/** What a worker is started with. */
export interface Start {
  /** Addresses of modules to import first. */
  readonly modules: readonly string[];
}

/** An error loses its class on the way. */
export interface SentError {
  readonly code: string | undefined;
  readonly message: string;
  readonly details: LetheError["details"];
  readonly stack: string;
}

export function sendable(error: unknown): SentError {
  const { message, stack = "" } = error instanceof Error ? error : new Error(String(error));
  if (!isLetheError(error)) return { code: undefined, message, details: {}, stack };
  return { code: error.code, message, details: JSON.parse(JSON.stringify(error.details)) as LetheError["details"], stack };
}

export function received({ code, message, details, stack }: SentError): Error {
  const error = code === undefined ? new Error(message) : new LetheError(code, message, details);
  error.stack = stack;
  return error;
}

/** A copy of the trees in memory that all threads see, so that one copy serves every worker. */
export function inSharedMemory(trees: PoolWork["trees"]): PoolWork["trees"] {
  return Object.fromEntries(Object.entries(trees).map(([name, tree]) => [name, sharedTree(tree)]));
}

function sharedTree(tree: HostTree): HostTree {
  return Object.fromEntries(
    Object.entries(tree).map(([name, { shape, values }]) => {
      const Values = values.constructor as new (buffer: SharedArrayBuffer) => typeof values;
      const shared = new Values(new SharedArrayBuffer(values.byteLength));
      shared.set(values);
      return [name, { shape, values: shared }];
    }),
  );
}

/** The memory of all arrays in a result, which is handed over instead of being copied. */
export function buffersOf(value: unknown): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) return value.buffer instanceof ArrayBuffer ? [value.buffer] : [];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(buffersOf) : [];
}
