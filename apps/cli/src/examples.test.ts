import { readFileSync } from "node:fs";
import { describeExamples } from "@lethe/vitest/examples";
import { expect, it } from "vitest";
import { apart } from "./commands/replay/apart.ts";
import { closest } from "./command-line/closest.ts";
import { commandEntries } from "./command-line/commands.ts";
import { exitCodeMeanings, exitCodeOf } from "./command-line/exit-codes.ts";
import { classInWords } from "./evaluation/cells.ts";
import { timesFaster } from "./evaluation/main-columns.ts";
import * as lethe from "./index.ts";
import { readSettings } from "./inputs/set.ts";
import * as format from "./terminal/format.ts";

function quiet(): lethe.Environment {
  return { stdout: { write() {} }, stderr: { write() {} }, cwd: process.cwd(), variables: {}, signal: new AbortController().signal };
}

describeExamples({
  url: import.meta.url,
  exports: lethe,
  // Takes the place of the process's own streams and is nothing to show.
  shownElsewhere: ["processEnvironment"],
  scope: () => ({ ...lethe, ...format, closest, exitCodeOf, classInWords, timesFaster, apart, readSettings, environment: quiet() }),
});

it("the README lists every command and exit code", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  for (const { name } of commandEntries) expect(readme).toMatch(new RegExp(`^\\| \`${name}[ \`]`, "m"));
  for (const [code, meaning] of exitCodeMeanings) expect(readme).toMatch(new RegExp(`^\\| ${code} +\\| ${meaning} +\\|$`, "m"));
});
