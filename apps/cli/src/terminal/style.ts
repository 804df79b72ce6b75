import type { Environment, Output } from "../environment.ts";

type Format = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** Paints text, or leaves it as it is where colour is not wanted. */
export type Style = Readonly<Record<Format, (text: string) => string>>;

/**
 * What begins and ends each, as terminals have understood it for decades. Not `util.styleText`: some versions of it look at `process.stdout` on their
 * own and ignore what was decided here.
 */
const codes: Readonly<Record<Format, readonly [begin: number, end: number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

export const plain: Style = styled((text) => text);
const coloured: Style = styled((text, [begin, end]) => `\x1b[${begin}m${text}\x1b[${end}m`);

/** Colour for this output: `NO_COLOR` forbids it, `FORCE_COLOR` asks for it, otherwise only terminals get it. */
export function styleFor(output: Output, { variables }: Pick<Environment, "variables">): Style {
  const { NO_COLOR, FORCE_COLOR, TERM } = variables;
  if (NO_COLOR !== undefined && NO_COLOR !== "") return plain;
  const forced = FORCE_COLOR !== undefined && FORCE_COLOR !== "" && FORCE_COLOR !== "0";
  return forced || (output.isTTY === true && TERM !== "dumb") ? coloured : plain;
}

function styled(paint: (text: string, code: readonly [number, number]) => string): Style {
  return Object.fromEntries(Object.entries(codes).map(([format, code]) => [format, (text: string) => paint(text, code)])) as Style;
}
