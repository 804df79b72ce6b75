import type { Dataset, HostTensor, Samples } from "@lethe/core";

/** Every label moved on to the next class. */
export function otherLabels(data: Dataset): Dataset {
  const labels = data.labels.map((label) => (label + 1) % data.classCount);
  return reading({ ...data, labels }, (samples, positions) => ({ ...samples, labels: Int32Array.from(positions, (position) => labels[position]) }));
}

/** The inputs of the named samples mirrored about 0; their ids and labels as before. */
export function otherInputs(data: Dataset, ids: readonly string[]): Dataset {
  return mapInputs(data, ids, (value) => -value);
}

/** The first value of the named sample replaced by NaN. */
export function spoiled(data: Dataset, id: string): Dataset {
  return mapInputs(data, [id], (value, element) => (element === 0 ? Number.NaN : value));
}

function mapInputs(data: Dataset, ids: readonly string[], body: (value: number, element: number) => number): Dataset {
  const chosen = new Set(ids);
  return reading(data, ({ inputs, labels }, positions) => {
    const stride = inputs.values.length / positions.length;
    const values = inputs.values.map((value, i) => {
      const sample = Math.floor(i / stride);
      return chosen.has(data.ids[positions[sample]]) ? body(value, i % stride) : value;
    });
    const changed: HostTensor = { shape: inputs.shape, values };
    return { inputs: changed, labels };
  });
}

function reading(data: Dataset, change: (samples: Samples, positions: ArrayLike<number>) => Samples): Dataset {
  return { ...data, read: async (positions) => change(await data.read(positions), positions) };
}
