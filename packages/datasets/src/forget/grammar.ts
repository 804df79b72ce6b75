import { LetheError } from "@lethe/core";
import { selectionKinds, type SelectionKind } from "./kinds.ts";

/** How many are drawn at random; a share is of the samples that they are drawn from. */
export type Draw = { readonly count: number } | { readonly share: number };

/** A forget set as it is written, taken apart. */
export type ForgetExpression =
  | { readonly what: "kind"; readonly kind: SelectionKind; readonly value: string | undefined; readonly draw?: Draw }
  | { readonly what: "file"; readonly path: string; readonly draw?: Draw }
  | { readonly what: "everything"; readonly draw: Draw };

const fileNames = /\.(json|txt|csv)$/i;

/** How forget sets are written, for help texts. */
export const forgetGrammar = `${selectionKinds.map(({ written }) => written).join(", ")}, random=100 or random=5%, or a .json, .txt or .csv file of ids; each may end in ,random=50 to draw from it`;

/**
 * Takes `SELECTION`, `random=N`, or `SELECTION,random=N` apart, where SELECTION is one of the {@link selectionKinds} or the path of a file of ids, and N a number or a
 * share as `5%`.
 *
 * @throws LetheError `forget/not-understood`, `forget/bad-count`.
 * @example
 * const { draw } = parseForget("class=3,random=50");
 * draw; // { count: 50 }
 */
export function parseForget(given: string): ForgetExpression {
  const [, rest, , drawn] = /^(.*?)(^|,)random=([^,]*)$/s.exec(given) ?? [];
  const draw = drawn === undefined ? undefined : readDraw(drawn);
  if (draw !== undefined && rest === "") return { what: "everything", draw };
  const selection = rest ?? given;
  const common = draw === undefined ? {} : { draw };
  const at = selection.indexOf("=");
  const [name, value] = at < 0 ? [selection, undefined] : [selection.slice(0, at), selection.slice(at + 1)];
  const kind = selectionKinds.find((each) => each.name === name);
  if (kind !== undefined) return { what: "kind", kind, value, ...common };
  if (fileNames.test(selection)) return { what: "file", path: selection, ...common };
  throw new LetheError("forget/not-understood", `${given} is not understood; write ${forgetGrammar}.`, { given });
}

function readDraw(text: string): Draw {
  if (/^\d+$/.test(text) && Number(text) > 0) return { count: Number(text) };
  const share = /^(\d+(?:\.\d+)?)%$/.exec(text);
  if (share !== null && Number(share[1]) > 0 && Number(share[1]) <= 100) return { share: Number(share[1]) / 100 };
  throw new LetheError("forget/bad-count", `random=${text} is no number of samples; write a whole number, 1 or more, or a share as 5%.`, {
    given: text,
  });
}
