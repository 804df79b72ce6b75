import { cloneTree, disposeTree, toHost, type HostTree, type TensorTree, type TrainingStep, type Weights } from "@lethe/core";
import type { UpdateLog } from "./update-log.ts";

/** Where the steps of a run stand in the log: a repair goes on from the end of the training. */
export interface StepOffset {
  readonly steps: number;
  readonly epochs: number;
}

/**
 * Puts the update of each step that holds a sensitive sample into a log. It is in the storage when {@link step} resolves, and so before any checkpoint of
 * the step is. In memory are the parameters before the step, on the device and, where they were logged, on the host, and the update that is written.
 */
export class StepLogger {
  readonly #log: UpdateLog;
  /** Position in the log's ids of every sample of the data, by its position there; -1 of one that is not sensitive. */
  readonly #positions: Int32Array;
  readonly #offset: StepOffset;
  #before: TensorTree;
  #beforeOnHost: HostTree | undefined;

  constructor(log: UpdateLog, ids: readonly string[], { parameters }: Weights, offset: StepOffset = { steps: 0, epochs: 0 }) {
    const known = new Map(log.head.ids.map((id, position) => [id, position]));
    this.#log = log;
    this.#positions = Int32Array.from(ids, (id) => known.get(id) ?? -1);
    this.#offset = offset;
    this.#before = cloneTree(parameters);
  }

  async step({ epoch, step, taken, indices, weights }: TrainingStep): Promise<void> {
    const samples = Array.from(indices, (index) => this.#positions[index]).filter((position) => position >= 0);
    let onHost: HostTree | undefined;
    if (samples.length > 0) {
      const [before, after] = await Promise.all([this.#beforeOnHost ?? toHost(this.#before), toHost(weights.parameters)]);
      const position = { index: this.#offset.steps + taken - 1, epoch: this.#offset.epochs + epoch, step };
      await this.#log.append(
        position,
        samples.toSorted((a, b) => a - b),
        { before, after },
      );
      onHost = after;
    }
    // Copies share the tensors' memory.
    disposeTree(this.#before);
    this.#before = cloneTree(weights.parameters);
    this.#beforeOnHost = onHost;
  }

  dispose(): void {
    disposeTree(this.#before);
    this.#before = {};
  }
}
