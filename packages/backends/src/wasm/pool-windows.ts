/** One spatial axis of a pooling: output `o` looks at inputs `o * stride - before` and the `taps - 1` behind it, as far as they exist. */
export interface PoolAxis {
  input: number;
  output: number;
  taps: number;
  stride: number;
  before: number;
}

/** The part of the input that a window lies on. */
export interface Span {
  from: number;
  taps: number;
}

export function spans({ input, output, taps, stride, before }: PoolAxis): Span[] {
  return Array.from({ length: output }, (_, o) => {
    const corner = o * stride - before;
    const from = Math.max(0, corner);
    return { from, taps: Math.max(0, Math.min(input, corner + taps) - from) };
  });
}

/** Windows that have the same size and lie a stride apart, so that one call serves all of them; `from` and `taps` are those of the first. */
export interface Run extends Span {
  windows: number;
}

export function runs(axis: PoolAxis): Run[] {
  const found: Run[] = [];
  for (const span of spans(axis)) {
    const last = found.at(-1);
    if (last && span.taps === last.taps && span.from === last.from + last.windows * axis.stride) last.windows++;
    else found.push({ ...span, windows: 1 });
  }
  return found;
}
