import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { readFolderChecked } from "./folder-reader.ts";
import { firstWord, killHard, startChild, translateSources } from "./fixtures/child-program.ts";
import { temporaryFolder } from "./fixtures/temporary-folder.ts";

const pathOf = temporaryFolder();
const program = () => pathOf("program");
const size = 1_000_000;
const leastKills = 4;
const mostKills = 60;

beforeAll(() => translateSources(program()));

/**
 * Runs a child that writes without end, and kills it at moments spread over several writes; looks at what is left each time. Goes on until a kill
 * is seen to have struck within a write, by the temporary name it left: when that happens is up to the machine.
 */
async function killRepeatedly(source: string, path: string, left: string, look: () => Promise<void>): Promise<void> {
  let struck = false;
  for (let kill = 0; kill < leastKills || !struck; kill++) {
    expect(kill, "kills, none of them within a write").toBeLessThan(mostKills);
    const child = await startChild(program(), source, path);
    await firstWord(child);
    await delay((9 * kill) % 50);
    await killHard(child);
    await look();
    struck = (await readdir(dirname(path))).some((name) => name.includes(left));
  }
}

describe.skipIf(process.platform === "win32")("a process killed while it writes", () => {
  it("leaves a file old or new, never half", async () => {
    const path = join(pathOf("file"), "data.bin");
    const source = `
      import { writeFileAtomic } from "./files/atomic-file.js";
      for (let n = 0; ; n++) {
        await writeFileAtomic(process.argv[2], new Uint8Array(${size}).fill(n));
        if (n === 0) console.log("ready");
      }`;
    await killRepeatedly(source, path, ".tmp", async () => {
      const content = await readFile(path);
      expect(content).toHaveLength(size);
      expect(new Set(content).size).toBe(1);
    });
  });

  it("leaves a folder old or new, never mixed", async () => {
    const path = join(pathOf("folder"), "model");
    const source = `
      import { writeFolderAtomic } from "./files/atomic-folder.js";
      for (let n = 0; ; n++) {
        await writeFolderAtomic(process.argv[2], { a: new Uint8Array(${size / 2}).fill(n), b: new Uint8Array(10).fill(n) });
        if (n === 0) console.log("ready");
      }`;
    await killRepeatedly(source, path, ".lethe-new-", async () => {
      const [a, b] = await readFolderChecked(path, (folder) => Promise.all([folder.read("a"), folder.read("b")]));
      expect(new Set([...a, ...b]).size).toBe(1);
    });
  });

  it("is told by the system that a file grows beyond its limit, and keeps the old one", async () => {
    const path = join(pathOf("limit"), "data.bin");
    await mkdir(dirname(path));
    await writeFile(path, "old");
    const source = `
      import { writeFileAtomic } from "./files/atomic-file.js";
      await writeFileAtomic(process.argv[2], new Uint8Array(${size})).then(() => console.log("written"), (error) => console.log(error.code));`;
    const child = await startChild(program(), source, path, "ulimit -f 100;");
    expect(await firstWord(child)).toBe("file/disk-full");
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(dirname(path))).toEqual(["data.bin"]);
  });
});
