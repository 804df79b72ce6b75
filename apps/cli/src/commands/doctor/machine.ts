import { rm } from "node:fs/promises";
import { availableParallelism, freemem, totalmem } from "node:os";
import { join } from "node:path";
import { readFileChecked, writeFileAtomic } from "@lethe/core/files";
import { bytes, plural } from "../../terminal/format.ts";
import type { Check } from "./check.ts";

const oldest = [20, 19] as const;
/** Below this, a second worker does not fit. */
const modestMemory = 1e9;

export function checkNode(): Check {
  const version = process.versions.node;
  const [major, minor] = version.split(".").map(Number);
  const enough = major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
  const sentence = enough ? `Node ${version}` : `Node ${version} is too old; Lethe needs ${oldest.join(".")} or newer.`;
  return { name: "node", verdict: enough ? "fine" : "broken", sentence, figures: { version } };
}

export function checkMachine(): Check[] {
  const cores = availableParallelism();
  const free = freemem();
  const memory = free < modestMemory ? "weak" : "fine";
  return [
    {
      name: "cores",
      verdict: "fine",
      sentence: `${plural(cores, "core")}; wasm and cpu train a model on each, tensorflow one model on all`,
      figures: { cores },
    },
    { name: "memory", verdict: memory, sentence: `${bytes(free)} free of ${bytes(totalmem())}`, figures: { free, total: totalmem() } },
  ];
}

/** Writes a file the way results are written, reads it back and removes it. */
export async function checkDisk(folder: string): Promise<Check> {
  const path = join(folder, `.lethe-doctor-${crypto.randomUUID()}`);
  const content = crypto.getRandomValues(new Uint8Array(4096));
  try {
    await writeFileAtomic(path, content);
    const same = Buffer.compare(await readFileChecked(path), content) === 0;
    if (!same) return { name: "disk", verdict: "broken", sentence: `${folder} gives back other bytes than were written; check the disk.` };
    return { name: "disk", verdict: "fine", sentence: `${folder} can be written` };
  } catch (error) {
    return { name: "disk", verdict: "broken", sentence: error instanceof Error ? error.message : String(error) };
  } finally {
    // Where it could not be written it cannot be removed either.
    await rm(path, { force: true }).catch(() => {});
  }
}
