const decimal = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

/** The number that a cell spells in decimal notation; undefined for anything else, and for what float32 cannot hold. */
export function numberOf(cell: string): number | undefined {
  if (!decimal.test(cell)) return undefined;
  const number = Number(cell);
  return Number.isFinite(Math.fround(number)) ? number : undefined;
}
