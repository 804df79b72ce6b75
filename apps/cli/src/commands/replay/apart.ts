const fewest = 4;
/** As many as tell any two numbers apart. */
const most = 17;

/**
 * Two numbers with as many figures as it takes to see that they differ.
 *
 * @example
 * apart(0.25, 0.25); // ["0.25", "0.25"]
 * apart(0.912345, 0.912399); // ["0.9123", "0.9124"]
 * apart(0.5, null); // ["0.5", "–"]
 */
export function apart(a: number | null, b: number | null): readonly [string, string] {
  if (a === null || b === null || a === b) return [shortened(a), shortened(b)];
  const digits = Array.from({ length: most - fewest + 1 }, (_, index) => fewest + index);
  const enough = digits.find((count) => a.toPrecision(count) !== b.toPrecision(count)) ?? most;
  return [a.toPrecision(enough), b.toPrecision(enough)];
}

function shortened(value: number | null): string {
  return value === null ? "–" : String(Number(value.toPrecision(fewest)));
}
