import { resolve } from "node:path";
import { verifyFolder, type Verification } from "@lethe/bench";
import { defineCommand, type Report } from "../command-line/command.ts";
import { exitCodes } from "../command-line/exit-codes.ts";
import { plural } from "../terminal/format.ts";
import { renderTable } from "../terminal/table.ts";
import type { View } from "../terminal/view.ts";
import { wrap } from "../terminal/wrap.ts";

export const verify = defineCommand({
  name: "verify",
  about:
    "Compares every file of a results, run or model folder with the size and the SHA-256 that were listed when it was written. Ends with 3 if something is " +
    "changed or missing.",
  operands: { folder: { help: "folder that lethe bench, train or unlearn wrote", required: "yes" } },
  options: {},
  examples: ["lethe verify results/first-table", "lethe verify runs/fashion"],
  async run({ operands }, session) {
    return verificationReport(operands.folder, await verifyFolder(resolve(session.environment.cwd, operands.folder)));
  },
});

function verificationReport(shown: string, verification: Verification): Report {
  return {
    data: { ...verification, folder: shown },
    text: (view) => describe(shown, verification, view),
    exitCode: verification.verdict === "intact" ? exitCodes.ok : exitCodes.input,
  };
}

function describe(shown: string, { verdict, files, listSha256, limits }: Verification, view: View): string {
  const { style } = view;
  const odd = files.filter((file) => file.verdict !== "ok");
  const rows = odd.map(({ path, verdict: own, failure }) => [path, failure ? style.red(own) : style.dim(own)]);
  const intact = files.filter((file) => file.verdict === "ok").length;
  const wrong = odd.filter(({ failure }) => failure).length;
  const sentence =
    verdict === "intact"
      ? `${style.green("✓")} ${style.bold(shown)}: ${plural(intact, "file")} as written`
      : `${style.red("✗")} ${style.bold(shown)}: ${plural(wrong, "file")} not as written, ${intact} as written`;
  return [
    ...(odd.length === 0 ? [] : [renderTable({ head: ["file", "verdict"], rows, align: ["left", "left"] }, view), ""]),
    sentence,
    style.dim(`SHA-256 of the list: ${listSha256}`),
    ...wrap(limits, view.columns).map(style.dim),
  ].join("\n");
}
