import { hashDataset, LetheError, type Dataset, type Samples } from "@lethe/core";
import type { Correction } from "./options.ts";

/**
 * The data with the samples of these ids corrected: Z in it becomes Z~. Read through, not copied; ids, order and size stay.
 *
 * @throws LetheError `correction/unknown-id` for a label of a sample that is not to be corrected, `correction/missing-label` for a sample without one,
 * `correction/label-out-of-range`, `correction/feature-out-of-range`; when read, `correction/not-whole` for a fraction among whole inputs.
 */
export function correct(data: Dataset, ids: readonly string[], correction: Exclude<Correction, "remove">): Dataset {
  const { name, size, classCount, inputShape } = data;
  const content = "labels" in correction ? withLabels(data, ids, correction.labels) : withFeatures(data, ids, correction.features);
  let hash: Promise<string> | undefined;
  return {
    name: `${name}, corrected`,
    size,
    classCount,
    ...(data.classNames ? { classNames: data.classNames } : {}),
    inputShape,
    ids: data.ids,
    ...(data.columns ? { columns: data.columns } : {}),
    ...content,
    hash: () => (hash ??= hashDataset({ ...data, ...content })),
  };
}

type Content = Pick<Dataset, "labels" | "read">;

function withLabels(data: Dataset, ids: readonly string[], given: Readonly<Record<string, number>>): Content {
  const corrected = new Set(ids);
  const unknown = Object.keys(given).find((id) => !corrected.has(id));
  if (unknown !== undefined) {
    throw new LetheError(
      "correction/unknown-id",
      `There is a new label for ${unknown}, which is not in the forget set; leave it out, or forget it.`,
      {
        id: unknown,
      },
    );
  }
  const labels = data.labels.map((label, position) => {
    const id = data.ids[position];
    if (!corrected.has(id)) return label;
    if (!Object.hasOwn(given, id)) {
      throw new LetheError(
        "correction/missing-label",
        `${id} is in the forget set without a new label; give it one, or remove it in a request of its own.`,
        {
          id,
        },
      );
    }
    if (given[id] < data.classCount) return given[id];
    throw new LetheError("correction/label-out-of-range", `The new label of ${id} is ${given[id]}; classes are 0 to ${data.classCount - 1}.`, {
      id,
      label: given[id],
      classCount: data.classCount,
    });
  });
  const read = async (positions: ArrayLike<number>): Promise<Samples> => {
    const { inputs } = await data.read(positions);
    return { inputs, labels: Int32Array.from(positions, (position) => labels[position]) };
  };
  return { labels, read };
}

function withFeatures(
  data: Dataset,
  ids: readonly string[],
  { indices, value }: { readonly indices: readonly number[]; readonly value: number },
): Content {
  const corrected = new Set(ids);
  const stride = data.inputShape.reduce((product, extent) => product * extent, 1);
  const outside = indices.find((index) => index >= stride);
  if (outside !== undefined) {
    throw new LetheError("correction/feature-out-of-range", `There is no feature ${outside}; an input has ${stride}, counted from 0.`, {
      index: outside,
      features: stride,
    });
  }
  const read = async (positions: ArrayLike<number>): Promise<Samples> => {
    const { inputs, labels } = await data.read(positions);
    if (inputs.values instanceof Int32Array && !Number.isInteger(value)) {
      throw new LetheError("correction/not-whole", `The inputs are whole numbers, which ${value} is not; give a whole value.`, { value });
    }
    const values = inputs.values.slice();
    for (let i = 0; i < positions.length; i++) {
      if (corrected.has(data.ids[positions[i]])) for (const index of indices) values[i * stride + index] = value;
    }
    return { inputs: { shape: inputs.shape, values }, labels };
  };
  return { labels: data.labels, read };
}
