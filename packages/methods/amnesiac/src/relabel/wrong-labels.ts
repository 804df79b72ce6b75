import { hashDataset, LetheError, type Dataset, type Problem, type Random } from "@lethe/core";

/**
 * A wrong label for every forgotten sample, by id: uniform over the classes of the retained data but its own, so that of a class that is forgotten as a
 * whole nothing is left to be named by; over all classes but its own where the retained data has no other.
 *
 * @throws LetheError `amnesiac-relabel/one-class`.
 */
export function wrongLabels({ forget, retain }: Pick<Problem, "forget" | "retain">, random: Random): ReadonlyMap<string, number> {
  const retained = [...new Set(retain.labels)].toSorted((a, b) => a - b);
  const all = Array.from({ length: forget.classCount }, (_, label) => label);
  return new Map(
    forget.ids.map((id, position) => {
      const own = forget.labels[position];
      const others = [retained, all].map((labels) => labels.filter((label) => label !== own)).find(({ length }) => length > 0);
      if (others === undefined) throw new LetheError("amnesiac-relabel/one-class", "With one class there is no wrong label; retrain instead.");
      return [id, others[random.split(id).integer(others.length)]];
    }),
  );
}

/** The data with other labels for some samples, by id. */
export function relabelled(data: Dataset, changes: ReadonlyMap<string, number>): Dataset {
  const labels = data.labels.map((label, position) => changes.get(data.ids[position]) ?? label);
  const content: Omit<Dataset, "hash"> = {
    ...data,
    labels,
    async read(indices) {
      const { inputs } = await data.read(indices);
      return { inputs, labels: Int32Array.from({ length: indices.length }, (_, i) => labels[indices[i]]) };
    },
  };
  return { ...content, hash: () => hashDataset(content) };
}
