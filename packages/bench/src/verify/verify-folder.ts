import { stat } from "node:fs/promises";
import { join } from "node:path";
import { LetheError, isLetheError, sha256 } from "@lethe/core";
import { checksumsName, readFileChecked, readFolderChecked, type Checksum, type Checksums, type FolderReader } from "@lethe/core/files";
import { manifestName, readManifest } from "../results/folder.ts";
import { verifyRecordings } from "./recordings.ts";
import { unlistedFiles } from "./walk.ts";

/**
 * - `ok`: the bytes that the list names.
 * - `changed`: there, with other bytes.
 * - `missing`: listed, not there.
 * - `unreadable`: there, but the system would not let it be read; see the sentence.
 * - `unlisted`: there, not listed. That fails only where a reader would take it for a result.
 */
export type FileVerdict = "ok" | "changed" | "missing" | "unreadable" | "unlisted";

export interface VerifiedFile {
  /** Within the folder, with `/`; a subfolder that is unlisted as a whole ends in one. */
  readonly path: string;
  readonly verdict: FileVerdict;
  /** Whether it makes the folder `changed`. */
  readonly failure: boolean;
  /** What is wrong, in a sentence; empty where nothing is. */
  readonly message: string;
}

/** What comparing a folder with its list found. Plain JSON. */
export interface Verification {
  readonly folder: string;
  /** `results`: what an experiment wrote. `files`: a run, a model, or anything else that Lethe wrote as a whole. */
  readonly kind: "results" | "files";
  readonly verdict: "intact" | "changed";
  /** Those listed in the order of the list, then those unlisted. */
  readonly files: readonly VerifiedFile[];
  /** Of the list itself, which names every other hash: kept in another place, these digits show whether anything at all was changed. */
  readonly listSha256: string;
  /** What matching hashes do not show. */
  readonly limits: string;
}

const limits =
  "Matching hashes show that nothing was changed by accident since the list was written; they do not show who wrote it: whoever changes a file can change the list too.";

/** Where every file is read as a result. */
const resultFolders: readonly string[] = ["runs/", "audits/"];

/** What desktops leave in every folder that somebody looks into. */
const litter: readonly string[] = [".DS_Store", "Thumbs.db", "desktop.ini"];

/**
 * Compares every file of a folder with the sizes and SHA-256 that were listed when it was written: `manifest.json` of a results folder, `lethe-checksums.json` of a
 * run or model folder, and of a run also what was recorded of its training.
 *
 * Further files are named and do not count against the folder (`lethe prepare` adds some), but for those in `runs/` and `audits/` of a results folder, where they
 * would pass for results.
 *
 * @throws LetheError `results/not-found` where there is no list, `results/bad-file`, `file/bad-checksums` and `file/unsupported-version` where it is damaged,
 * `file/...` where it cannot be read.
 * @example
 * const { verdict, files } = await verifyFolder(folder);
 * verdict; // "intact"
 * files.filter((file) => file.verdict !== "ok"); // []
 */
export async function verifyFolder(folder: string): Promise<Verification> {
  return readFolderChecked(folder, (reader) => (reader.checksums === undefined ? verifyResults(folder) : verifyFiles(reader, reader.checksums)));
}

async function verifyFiles(reader: FolderReader, { files }: Checksums): Promise<Verification> {
  const { path: folder, read } = reader;
  const listed: VerifiedFile[] = [];
  for (const name of Object.keys(files)) listed.push(await verified(name, () => read(name)));
  listed.push(...(await verifyRecordings(reader, Object.keys(files))));
  return verificationOf(folder, "files", checksumsName, listed);
}

async function verifyResults(folder: string): Promise<Verification> {
  if (!(await isThere(join(folder, manifestName)))) throw notFound(folder);
  const { files } = await readManifest(folder);
  const listed: VerifiedFile[] = [];
  for (const [path, { bytes, sha256: hash }] of Object.entries(files)) {
    listed.push(await verified(path, () => readFileChecked(join(folder, path), { bytes, sha256: hash })));
  }
  return verificationOf(folder, "results", manifestName, listed);
}

function notFound(folder: string): LetheError {
  return new LetheError(
    "results/not-found",
    `${folder} has neither ${manifestName} nor ${checksumsName} to compare its files with; give a finished results, run or model folder.`,
    { path: folder },
  );
}

async function verificationOf(folder: string, kind: Verification["kind"], listName: string, listed: readonly VerifiedFile[]): Promise<Verification> {
  const known = new Set([listName, ...listed.map(({ path }) => path)]);
  const unlisted = await unlistedFiles(folder, known, kind === "results" ? resultFolders : []);
  const files = [...listed, ...unlisted.map((path) => extra(path, kind))];
  return {
    folder,
    kind,
    verdict: files.some(({ failure }) => failure) ? "changed" : "intact",
    files,
    listSha256: await sha256(await readFileChecked(join(folder, listName))),
    limits,
  };
}

async function verified(path: string, read: () => Promise<unknown>): Promise<VerifiedFile> {
  try {
    await read();
    return { path, verdict: "ok", failure: false, message: "" };
  } catch (error) {
    if (!isLetheError(error)) throw error;
    return { path, failure: true, ...faultOf(path, error) };
  }
}

function faultOf(path: string, { code, message, details }: LetheError): Pick<VerifiedFile, "verdict" | "message"> {
  if (code === "file/not-found") return { verdict: "missing", message: `${path} is listed and not there.` };
  if (code !== "file/checksum") return { verdict: "unreadable", message };
  const { expected, bytes, sha256: found } = details as unknown as { readonly expected: Checksum; readonly bytes: number; readonly sha256?: string };
  const fact = found === undefined ? `${bytes} bytes instead of ${expected.bytes}` : `the SHA-256 ${found} instead of ${expected.sha256}`;
  return { verdict: "changed", message: `${path} has ${fact}.` };
}

function extra(path: string, kind: Verification["kind"]): VerifiedFile {
  const passesForResult = kind === "results" && resultFolders.some((each) => path.startsWith(each)) && !litter.includes(path.split("/").at(-1)!);
  if (!passesForResult) return { path, verdict: "unlisted", failure: false, message: "" };
  return {
    path,
    verdict: "unlisted",
    failure: true,
    message: `${path} is not listed, but would pass for a result; the experiment did not write it.`,
  };
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
