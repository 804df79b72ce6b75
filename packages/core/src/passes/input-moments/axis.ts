/** One spatial axis of a convolution: window `o`, `0 <= o < windows`, has its tap `k` at `o * stride + k * dilation - before`. Outside the input are zeros. */
export interface Axis {
  readonly input: number;
  readonly windows: number;
  readonly taps: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
}

/** The places `start + m * step`, `0 <= m < count`, and beside each of them the one at distance `shift`: both are inside the input. */
export interface Segment {
  readonly shift: number;
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

export interface AxisPairs {
  readonly segments: readonly Segment[];
  /** For taps k and l: the segments that together hold tap k's place in every window in which both taps lie inside the input, at shift `(l - k) * dilation`. */
  readonly between: readonly (readonly (readonly number[])[])[];
}

/**
 * What pairs of taps have in common. Over all windows, the places of tap k beside those of tap l are an arithmetic progression, which depends on k and l
 * only by their distance, the borders apart; the progressions of one distance are cut at each other's ends into segments that no two share. Three taps
 * with zeros around the input give nine pairs and seven segments, of which five have but one place or lie between the borders.
 */
export function pairsAlong(axis: Axis): AxisPairs {
  const taps = Array.from({ length: axis.taps }, (_, k) => k);
  const pairs = taps.flatMap((k) => taps.map((l) => progression(axis, k, l)));
  const segments: Segment[] = [];
  const byKind = new Map<string, Segment[]>();
  for (const pair of pairs.filter(({ count }) => count > 0)) {
    const kind = kindOf(pair);
    byKind.set(kind, [...(byKind.get(kind) ?? []), pair]);
  }
  const ofKind = new Map<string, number[]>();
  for (const [kind, members] of byKind) {
    const ends = [...new Set(members.flatMap((member) => [member.start, endOf(member)]))].toSorted((a, b) => a - b);
    const cut = ends.slice(1).map((end, at) => ({ ...members[0], start: ends[at], count: (end - ends[at]) / axis.stride }));
    ofKind.set(
      kind,
      cut.map((segment) => segments.push(segment) - 1),
    );
  }
  const inside = (pair: Segment): number[] =>
    (ofKind.get(kindOf(pair)) ?? []).filter((id) => segments[id].start >= pair.start && endOf(segments[id]) <= endOf(pair));
  return { segments, between: taps.map((k) => taps.map((l) => inside(pairs[k * axis.taps + l]))) };
}

function progression({ input, windows, stride, dilation, before }: Axis, k: number, l: number): Segment {
  const [first, last] = [Math.min(k, l) * dilation - before, Math.max(k, l) * dilation - before];
  const from = Math.max(0, Math.ceil(-first / stride));
  const to = Math.min(windows, Math.ceil((input - last) / stride));
  return { shift: (l - k) * dilation, start: from * stride + k * dilation - before, step: stride, count: Math.max(0, to - from) };
}

/** Progressions of different kinds have no pair of places in common. */
function kindOf({ shift, start, step }: Segment): string {
  return `${shift}:${((start % step) + step) % step}`;
}

function endOf({ start, step, count }: Segment): number {
  return start + step * count;
}
