import type { Duplicates, Member } from "./find-duplicates.ts";

/** A sample and another one that is all but the same. */
export interface Twin {
  readonly id: string;
  readonly twin: Member;
  /** 0 for the same bits. */
  readonly distance: number;
}

/**
 * Twins of samples that are not among these samples themselves: what stays when they are forgotten. Nearest first for each, in the order of `ids`. As long as a twin stays in
 * the training data, even a model that was retrained without the sample has seen it.
 *
 * @param duplicates found in data that holds all of them.
 * @example
 * const duplicates = { exact: [[{ set: "data", id: "a" }, { set: "data", id: "b" }]], near: [{ a: { set: "data", id: "a" }, b: { set: "test", id: "c" }, distance: 0.02 }] } as const;
 * twinsOutside(duplicates, ["b"]).map(({ twin }) => twin.id); // ["a", "c"]
 * twinsOutside(duplicates, ["a", "b"]).map(({ twin }) => twin.id); // ["c", "c"]
 */
export function twinsOutside({ exact, near }: Pick<Duplicates, "exact" | "near">, ids: readonly string[]): readonly Twin[] {
  const groups = new Map<string, readonly Member[]>(
    exact.flatMap((group) => group.map((member): [string, readonly Member[]] => [keyOf(member), group])),
  );
  const groupOf = (member: Member) => groups.get(keyOf(member)) ?? [member];
  const neighbours = new Map<string, { readonly member: Member; readonly distance: number }[]>();
  const add = (from: Member, to: Member, distance: number) => {
    const key = keyOf(groupOf(from)[0]);
    neighbours.set(key, [...(neighbours.get(key) ?? []), ...groupOf(to).map((member) => ({ member, distance }))]);
  };
  for (const { a, b, distance } of near) {
    add(a, b, distance);
    add(b, a, distance);
  }
  const inside = new Set(ids);
  const isOutside = ({ set, id }: Member) => set === "test" || !inside.has(id);
  return ids.flatMap((id) => {
    const group = groupOf({ set: "data", id });
    const equal = group.map((member) => ({ member, distance: 0 }));
    const all = [...equal, ...(neighbours.get(keyOf(group[0])) ?? [])].filter(({ member }) => isOutside(member));
    return all.toSorted((a, b) => a.distance - b.distance).map(({ member, distance }) => ({ id, twin: member, distance }));
  });
}

function keyOf({ set, id }: Member): string {
  return `${set} ${id}`;
}
