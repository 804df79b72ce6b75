import { LetheError } from "@lethe/core";

/** What Keras calls layers of these classes. */
const kerasClasses: Readonly<Record<string, string>> = {
  BatchNormalization: "batch_normalization",
  Conv2D: "conv2d",
  Dense: "dense",
  Embedding: "embedding",
};

/** The name of the `count`th layer of a class, from 1: `conv2d`, `conv2d_1`, ... */
export function kerasLayer(className: string, count: number): string | undefined {
  const name = kerasClasses[className];
  return count === 1 || name === undefined ? name : `${name}_${count - 1}`;
}

interface KerasName {
  readonly original: string;
  readonly layer: string;
  readonly kind: string;
  readonly number: number;
  readonly role: string;
}

/**
 * Names of one Keras model's weights, counted anew per class of layer: a program that built other networks before it has `conv2d_5` for what is
 * `conv2d` here. Scopes before the layer (`sequential/`) and TensorFlow's `:0` behind the role are left out.
 *
 * @returns the new name by the old one; names of another form are kept.
 * @throws LetheError `weights/ambiguous-name` where two names become one.
 */
export function countedAnew(names: readonly string[], source: string): ReadonlyMap<string, string> {
  const parsed = names.map(parse).filter((name) => name !== undefined);
  const layers = new Map<string, number[]>();
  for (const { kind, number } of parsed) layers.set(kind, [...(layers.get(kind) ?? []), number]);
  const ranks = new Map([...layers].map(([kind, numbers]) => [kind, [...new Set(numbers)].toSorted((a, b) => a - b)]));
  const renamed = new Map(names.map((name) => [name, name]));
  const taken = new Map<string, string>();
  for (const { original, kind, number, role } of parsed) {
    const rank = ranks.get(kind)!.indexOf(number);
    const name = `${kind}${rank === 0 ? "" : `_${rank}`}/${role}`;
    const other = taken.get(name);
    if (other !== undefined) {
      const sentence = `${source} holds both ${other} and ${original}, which name the same weight of one model; write each model to a file of its own.`;
      throw new LetheError("weights/ambiguous-name", sentence, { source, names: [other, original] });
    }
    taken.set(name, original);
    renamed.set(original, name);
  }
  return renamed;
}

function parse(original: string): KerasName | undefined {
  const match = /^(?:.*\/)?(?<layer>(?<kind>[a-z]\w*?)(?:_(?<number>\d+))?)\/(?<role>[a-z_]+)(?::0)?$/.exec(original);
  if (match?.groups === undefined) return undefined;
  const { layer, kind, number, role } = match.groups;
  return { original, layer, kind, number: Number(number ?? 0), role };
}
