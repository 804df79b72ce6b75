import type { VerifiedFile } from "@lethe/datasets/files";
import { bytes as inWords } from "../../terminal/format.ts";
import { renderTable } from "../../terminal/table.ts";
import type { View } from "../../terminal/view.ts";

/** Files with their sums; what is wrong in red. */
export function sumTable(files: readonly VerifiedFile[], view: View): string {
  const { style } = view;
  const words = { ok: style.green("ok"), missing: style.red("missing"), "wrong-size": style.red("wrong size"), changed: style.red("changed") };
  const rows = files.map(({ name, verdict, bytes, algorithm, expected, found }) => [
    name,
    bytes === null ? "" : inWords(bytes),
    words[verdict],
    `${algorithm.toUpperCase()} ${found ?? expected}`,
  ]);
  return renderTable({ head: ["file", "size", "state", "sum"], rows, align: ["left", "right", "left", "left"], dispensable: ["sum"] }, view);
}
