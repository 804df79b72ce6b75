import { open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { LetheError } from "@lethe/core";

/**
 * Does work in a folder that one process at a time may use. A lock whose process has ended is taken over.
 *
 * @throws LetheError `data/busy`.
 */
export async function exclusively<Value>(folder: string, name: string, work: () => Promise<Value>): Promise<Value> {
  const path = join(folder, "lock");
  await takeLock(path, name);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function takeLock(path: string, name: string): Promise<void> {
  try {
    await writeNew(path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    const owner = Number(await readFile(path, "utf8").catch(() => ""));
    if (isAlive(owner)) {
      const sentence = `Another process (${owner}) is fetching ${name} into this folder; wait for it, or remove ${path} if there is none.`;
      throw new LetheError("data/busy", sentence, { path, process: owner });
    }
    await rm(path, { force: true });
    await writeNew(path);
  }
}

async function writeNew(path: string): Promise<void> {
  const handle = await open(path, "wx");
  try {
    await handle.writeFile(String(process.pid));
  } finally {
    await handle.close();
  }
}

function isAlive(id: number): boolean {
  if (!Number.isInteger(id) || id <= 0) return false;
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    // EPERM: it is there and belongs to somebody else.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
