/**
 * The other end of a pool: what a worker does with the batches that a pass hands over. Whoever makes a pool (`@lethe/backends/pool` does, of Node's worker
 * threads) carries the messages; what they mean is said here.
 */
export { createPoolWorker, type PoolWorker } from "./pool-worker.ts";
