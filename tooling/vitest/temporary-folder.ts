import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const variables = ["TMPDIR", "TMP", "TEMP"];

/**
 * Gives one run of the tests a system folder for temporary files of its own, and returns what removes it. Nothing that a test writes below `os.tmpdir()`
 * stays behind, whether the test removes it or not; the processes that it starts, and kills, write there too.
 */
export default function temporaryFolderOfTheRun(): () => void {
  const before = variables.map((name) => [name, process.env[name]] as const);
  const folder = mkdtempSync(join(tmpdir(), "lethe-tests-"));
  for (const name of variables) process.env[name] = folder;
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
}
