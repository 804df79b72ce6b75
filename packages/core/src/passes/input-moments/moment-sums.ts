import { LetheError } from "../../errors/index.ts";
import type { LayerInput, Weights } from "../../model/index.ts";
import { depthwiseGram } from "./depthwise.ts";
import { planGram, type Accumulator, type GramPlan } from "./gram.ts";
import { createHeap, type Engine } from "./heap.ts";
import type { InputMoment } from "./input-moments.ts";
import { describeMoment, isDepthwise, windowsOf, type LinearMap, type WindowStride } from "./linear-maps.ts";

export interface SumOptions {
  readonly batchSize: number;
  readonly stride: WindowStride;
  readonly engine?: Engine;
}

/** Inputs of one shape of one map: a layer that is called twice may see two. */
interface Entry {
  readonly map: LinearMap;
  readonly accumulator: Accumulator;
  readonly windowsPerSample: number;
  samples: number;
}

/** The second moments of a pass while it lasts. The sums of all layers lie in one heap. */
export class MomentSums {
  readonly #maps: readonly LinearMap[];
  readonly #weights: Weights;
  readonly #options: SumOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(maps: readonly LinearMap[], weights: Weights, options: SumOptions) {
    this.#maps = maps;
    this.#weights = weights;
    this.#options = options;
  }

  /** Makes room for inputs of these shapes, where there is none yet. @throws LetheError `pass/out-of-memory`. */
  expect(records: readonly LayerInput[]): void {
    const planned: { readonly plan: GramPlan; readonly keep: (accumulator: Accumulator) => void }[] = [];
    const fresh = new Map(records.map((record) => [this.#keyOf(record), record]));
    for (const [key, record] of fresh) {
      const map = this.#mapOf(record);
      if (map === undefined || this.#entries.has(key)) continue;
      const windows = windowsOf(map, record, this.#kernelShape(map), this.#options.stride);
      const windowsPerSample = windows.rows.windows * windows.columns.windows;
      const keep = (accumulator: Accumulator): void => {
        this.#entries.set(key, { map, accumulator, windowsPerSample, samples: 0 });
      };
      if (isDepthwise(map)) keep(depthwiseGram(windows));
      else planned.push({ plan: planGram(windows, this.#options.batchSize), keep });
    }
    if (planned.length === 0) return;
    const scratch = planned.reduce((sum, { plan }) => sum + plan.bytes, 0);
    const heap = createHeap(scratch + Math.max(...planned.map(({ plan }) => plan.scratchBytes)), this.#options.engine);
    let at = 0;
    for (const { plan, keep } of planned) {
      keep(plan.begin(heap, at, scratch));
      at += plan.bytes;
    }
  }

  /** @param values of the record's input. */
  add(record: LayerInput, values: Float32Array): void {
    const entry = this.#entries.get(this.#keyOf(record));
    if (entry === undefined) return;
    const samples = record.input.shape[0];
    entry.accumulator.add(values, samples);
    entry.samples += samples;
  }

  /** Of every map that was called, or of all where nothing was. @throws LetheError `pass/non-finite`. */
  moments(phase: string): InputMoment[] {
    const called = new Set([...this.#entries.values()].map(({ map }) => map));
    return this.#maps.filter((map) => called.size === 0 || called.has(map)).map((map) => this.#momentOf(map, phase));
  }

  #momentOf(map: LinearMap, phase: string): InputMoment {
    const { dimension, channels } = describeMoment(map, this.#kernelShape(map));
    const matrices = channels ?? 1;
    const values = new Float64Array(matrices * dimension ** 2);
    let count = 0;
    for (const { accumulator, samples, windowsPerSample } of this.#entriesOf(map)) {
      accumulator.addTo(values);
      count += samples * windowsPerSample;
    }
    for (let matrix = 0; matrix < matrices; matrix++) mirror(values.subarray(matrix * dimension ** 2), dimension);
    if (!isFiniteSum(values)) {
      throw new LetheError(
        "pass/non-finite",
        `The inputs of layer ${map.layer.name} in ${phase} are not numbers, or their squares beyond float32; load an undamaged model, or scale the data.`,
        { layer: map.layer.name, kernel: map.kernel },
      );
    }
    const { kernel, part } = map;
    return { kernel, layer: map.layer.name, part, dimension, ...(channels === undefined ? {} : { channels }), values, count };
  }

  #entriesOf(map: LinearMap): Entry[] {
    return [...this.#entries.values()].filter((entry) => entry.map === map);
  }

  #mapOf(record: LayerInput): LinearMap | undefined {
    return this.#maps.find(({ layer, part }) => layer === record.layer && part === record.part);
  }

  #keyOf(record: LayerInput): string {
    return `${String(this.#mapOf(record)?.kernel)} ${[...record.input.shape.slice(1), ...Object.values(record.border)].join("x")}`;
  }

  #kernelShape({ kernel }: LinearMap): readonly number[] {
    return this.#weights.parameters[kernel].shape;
  }
}

/** A plain loop: over millions of elements, `every` with a function takes ten times as long. */
function isFiniteSum(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

/** Side of the squares that are transposed at once: a row of each fills whole cache lines. */
const square = 32;

/** Writes the upper triangle of `[d, d]` into the lower one. */
function mirror(values: Float64Array, dimension: number): void {
  for (let rows = 0; rows < dimension; rows += square) {
    for (let columns = rows; columns < dimension; columns += square) {
      const [lastRow, lastColumn] = [Math.min(rows + square, dimension), Math.min(columns + square, dimension)];
      for (let i = rows; i < lastRow; i++) {
        for (let j = Math.max(columns, i + 1); j < lastColumn; j++) values[j * dimension + i] = values[i * dimension + j];
      }
    }
  }
}
