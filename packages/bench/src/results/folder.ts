import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { LetheError, isJsonObject, isLetheError, isPathInside, parseJsonBytes, sha256, type Files } from "@lethe/core";
import { readFileChecked, writeFileAtomic } from "@lethe/core/files";
import { encodeJson } from "../store/encode.ts";
import type { AuditResult } from "./audit-result.ts";
import type { ExperimentResults, RunFailure } from "./experiment-results.ts";
import type { RunResult } from "./run-result.ts";

/** Lists every file of a finished results folder. */
export const manifestName = "manifest.json";

/** What the manifest holds; `lethe verify` compares it with the files. */
export interface ResultsManifest {
  readonly format: "lethe/results";
  readonly version: 1;
  readonly name: string;
  /** By path within the folder, with `/`. */
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
}

const folders = { "lethe/result": "runs", "lethe/audit": "audits" } as const;
const experimentName = "experiment.yaml";
const failuresName = "failures.json";

/** Writes one result as soon as it is there; a run that is killed later keeps it. From then on the folder counts as unfinished, if it was finished before. */
export async function saveResult(folder: string, result: RunResult | AuditResult): Promise<void> {
  await rm(join(folder, manifestName), { force: true });
  await writeFileAtomic(join(folder, pathOf(result)), encodeJson(result));
}

/**
 * Completes a results folder: every result, what was derived from them, and last the manifest, without which the folder counts as unfinished. Results that an
 * earlier form of the experiment left are removed.
 *
 * @param derived further files at the top: tables, reports.
 */
export async function finishResults(folder: string, results: ExperimentResults, derived: Files): Promise<void> {
  const files: Record<string, Uint8Array> = {
    [experimentName]: new TextEncoder().encode(results.source),
    [failuresName]: encodeJson(results.failures),
    ...Object.fromEntries([...results.runs, ...results.audits].map((result) => [pathOf(result), encodeJson(result)])),
    ...derived,
  };
  await rm(join(folder, manifestName), { force: true });
  for (const name of Object.values(folders)) {
    for (const file of await readdir(join(folder, name)).catch(() => [])) {
      if (file.endsWith(".json") && !(`${name}/${file}` in files)) await rm(join(folder, name, file));
    }
  }
  for (const [path, bytes] of Object.entries(files)) await writeFileAtomic(join(folder, path), bytes);
  const listed = await Promise.all(
    Object.entries(files).map(async ([path, bytes]) => [path, { bytes: bytes.length, sha256: await sha256(bytes) }] as const),
  );
  const manifest: ResultsManifest = { format: "lethe/results", version: 1, name: results.name, files: Object.fromEntries(listed) };
  await writeFileAtomic(join(folder, manifestName), encodeJson(manifest));
}

/**
 * Reads a finished results folder, every file compared with the manifest.
 *
 * @throws LetheError `results/not-found`, `results/bad-file`, `file/checksum`, and what reading a file throws.
 */
export async function loadResults(folder: string): Promise<ExperimentResults> {
  const manifest = await readManifest(folder);
  const read = async (path: string) => readFileChecked(join(folder, path), manifest.files[path]);
  const paths = Object.keys(manifest.files);
  const under = (name: string) => paths.filter((path) => path.startsWith(`${name}/`));
  const json = async <Value>(path: string, ...formats: readonly string[]): Promise<Value> =>
    parse<Value>(await read(path), join(folder, path), ...formats);
  return {
    name: manifest.name,
    source: new TextDecoder().decode(await read(experimentName)),
    runs: await Promise.all(under("runs").map((path) => json<RunResult>(path, "lethe/result"))),
    audits: await Promise.all(under("audits").map((path) => json<AuditResult>(path, "lethe/audit"))),
    failures: await json<readonly RunFailure[]>(failuresName),
  };
}

/** @throws LetheError `results/not-found`, `results/bad-file`. */
export async function readManifest(folder: string): Promise<ResultsManifest> {
  const path = join(folder, manifestName);
  try {
    const manifest = parse<ResultsManifest>(await readFileChecked(path), path, "lethe/results");
    if (isListing(manifest.files)) return manifest;
    throw badFile(path);
  } catch (error) {
    if (!isLetheError(error) || error.code !== "file/not-found") throw error;
    throw new LetheError("results/not-found", `${folder} holds no finished results; give the folder that lethe bench wrote, or let it finish.`, {
      path: folder,
    });
  }
}

/**
 * One result of a run or an audit; its `format` tells which.
 *
 * @throws LetheError `results/bad-file`.
 */
export async function readResult(path: string): Promise<RunResult | AuditResult> {
  return parse<RunResult | AuditResult>(await readFileChecked(path), path, ...Object.keys(folders));
}

function pathOf({ format, id }: RunResult | AuditResult): string {
  return `${folders[format]}/${id.replaceAll(/[^A-Za-z0-9.-]+/g, "--")}.json`;
}

/** @param formats one of them is expected; left out, anything is. */
function parse<Value>(bytes: Uint8Array, path: string, ...formats: readonly string[]): Value {
  try {
    const value = parseJsonBytes(bytes) as Value & { readonly format?: string; readonly version?: number };
    if (formats.length === 0 || (formats.includes(value.format ?? "") && value.version === 1)) return value;
  } catch {
    // Said below.
  }
  throw badFile(path);
}

/** Files are read through it, so no path may lead out of the folder. */
function isListing(files: unknown): boolean {
  const isChecksum = (value: unknown) =>
    isJsonObject(value) && Number.isSafeInteger(value["bytes"]) && typeof value["sha256"] === "string" && /^[0-9a-f]{64}$/.test(value["sha256"]);
  return isJsonObject(files) && Object.entries(files).every(([path, checksum]) => isPathInside(path) && isChecksum(checksum));
}

function badFile(path: string): LetheError {
  return new LetheError("results/bad-file", `${path} is not what lethe bench wrote; the file is damaged or of another kind.`, { path });
}
