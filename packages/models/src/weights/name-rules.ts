/**
 * Our layer's name to another library's names of its tensors. `{word}` on the left stands for a number and gives it to the right, where
 * `{word-1}` is one less and `*` is the tensor's role, e.g. `weight`. Two words need nothing on the left: `{index}` is the layer's place among all
 * layers behind the input, from 0, and `{count}` its place among those of its class, from 1.
 *
 * @example
 * const rules: NameRules = { "stage{stage}/block{block}/conv{n}": "layer{stage}.{block-1}.conv{n}.*" };
 * theirName(rules, { name: "stage2/block1/conv1", index: 9, count: 4 }); // "layer2.0.conv1.*"
 */
export type NameRules = Readonly<Record<string, string>>;

/** A layer and where it stands. */
export interface LayerPlace {
  readonly name: string;
  readonly index: number;
  readonly count: number;
}

/** What the first rule that fits makes of the layer's name; undefined where none does. */
export function theirName(rules: NameRules, { name, index, count }: LayerPlace): string | undefined {
  for (const [ours, theirs] of Object.entries(rules)) {
    const match = patternOf(ours).exec(name);
    if (match === null) continue;
    const numbers: Readonly<Record<string, number>> = {
      index,
      count,
      ...Object.fromEntries(Object.entries(match.groups ?? {}).map(([word, digits]) => [word, Number(digits)])),
    };
    return theirs.replaceAll(/\{(\w+)(-1)?\}/g, (_, word: string, less?: string) => String(numbers[word] - (less === undefined ? 0 : 1)));
  }
  return undefined;
}

/** The layers that every network of the family has: those named in full. */
export function requiredLayers(rules: NameRules): readonly string[] {
  return Object.keys(rules).filter((ours) => !ours.includes("{"));
}

/** Layer names hold letters, digits and slashes alone, none of which a regular expression reads as a sign. */
function patternOf(ours: string): RegExp {
  return new RegExp(`^${ours.replaceAll(/\{(\w+)\}/g, String.raw`(?<$1>\d+)`)}$`);
}
