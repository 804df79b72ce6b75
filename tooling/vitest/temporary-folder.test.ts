import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import temporaryFolderOfTheRun from "./temporary-folder.ts";

test("tests, and the processes that they start, write temporary files into the folder of the run", () => {
  expect(tmpdir()).toMatch(/lethe-tests-\w+$/);
  const { stdout } = spawnSync(process.execPath, ["--print", "os.tmpdir()"], { encoding: "utf8" });
  expect(stdout.trim()).toBe(tmpdir());
});

test("the folder goes with what lies in it, and the system's one is back", () => {
  const outside = tmpdir();
  const remove = temporaryFolderOfTheRun();
  const folder = tmpdir();
  try {
    expect(dirname(folder)).toBe(outside);
    writeFileSync(join(folder, "left-behind"), "");
  } finally {
    remove();
  }
  expect(existsSync(folder)).toBe(false);
  expect(tmpdir()).toBe(outside);
});
