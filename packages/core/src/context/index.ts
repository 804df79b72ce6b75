/** What a run is given from outside: randomness, the signal to stop, somewhere to report progress, a meter for its cost, and perhaps more threads. */
export { createContext, type Context, type ContextOptions, type Progress } from "./context.ts";
export { createMeter, type Cost, type Meter } from "./meter.ts";
export type { Pool, PoolAnswer, PoolBatch, PoolSession, PoolWork } from "./pool.ts";
export { storageWithin, type ByteRange, type ContentStorage } from "./storage.ts";
