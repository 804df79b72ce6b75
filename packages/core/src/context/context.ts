import { aborted } from "../errors/index.ts";
import { createRandom, type Random } from "../random/index.ts";
import { createMeter, type Meter } from "./meter.ts";
import type { Pool } from "./pool.ts";
import type { ContentStorage } from "./storage.ts";

/** How far a phase of a run has come. */
export interface Progress {
  /** What is being done, for a person: `"importance of D"`. */
  readonly phase: string;
  readonly completed: number;
  readonly total: number;
  readonly unit: "samples" | "epochs" | "steps";
  /** Figures worth showing, e.g. the loss. */
  readonly figures?: Readonly<Record<string, number>>;
}

export interface Context {
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly meter: Meter;
  /** For methods that leave more behind than an artifact holds. Such a method changes its content with every request. */
  readonly storage?: ContentStorage;
  /** Threads that passes over data share their batches with; without it, or where a pass cannot be shared, this thread computes alone. */
  readonly pool?: Pool;
  report(progress: Progress): void;
  /**
   * To be awaited between steps of work: throws `run/aborted` once the signal has fired, and now and then lets the event loop run, without
   * which a long computation could be neither interrupted nor watched.
   */
  pause(): Promise<void>;
}

export interface ContextOptions {
  readonly seed?: number | string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly storage?: ContentStorage | undefined;
  readonly pool?: Pool | undefined;
}

/** Milliseconds of work between two turns of the event loop. */
const turn = 25;

export function createContext(options: ContextOptions = {}): Context {
  const signal = options.signal ?? new AbortController().signal;
  let last = performance.now();
  return {
    random: createRandom(options.seed ?? 0),
    signal,
    meter: createMeter(),
    ...(options.storage ? { storage: options.storage } : {}),
    ...(options.pool ? { pool: options.pool } : {}),
    report: (progress) => options.onProgress?.(progress),
    async pause() {
      if (performance.now() - last >= turn) {
        await new Promise((resolve) => setTimeout(resolve, 0));
        last = performance.now();
      }
      if (signal.aborted) throw aborted(signal);
    },
  };
}
