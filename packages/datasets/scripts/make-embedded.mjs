// Makes data/digits.bin.gz and data/fashion-sample.bin.gz from two Debian packages. Run by hand, on Debian or Ubuntu:
//
//   apt-get update
//   node packages/datasets/scripts/make-embedded.mjs [--from FOLDER] [--golden FOLDER]
//
// --from    a folder into which both packages were already unpacked (dpkg-deb -x); without it they are downloaded to a temporary one
// --golden  the folder of the reference cases A-digits-mlp and B-fashion-cnn (safetensors): checks that indices, labels and pixels are theirs
//
// Which samples, in which order, is fixed by the index lists in scripts/selection/. Raw content of both files: pixels u8 [n, stride],
// labels u8 [n], positions u16 little-endian [n]. Digits keep the row order of the CSV and their positions are the split (1,437 train, then
// 360 test rows); Fashion samples are stored train first, and their positions are the indices in the original files.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gunzipSync, gzipSync } from "node:zlib";
import { compareWithGolden } from "./compare-with-golden.mjs";

const packages = ["dataset-fashion-mnist", "python3-sklearn"];
const fashionFolder = "usr/share/datasets/fashion-mnist";
const digitsFile = "usr/lib/python3/dist-packages/sklearn/datasets/data/digits.csv.gz";
const fashionFiles = {
  "train-images-idx3-ubyte": "f4a8712d7a061bf5bd6d2ca38dc4d50a",
  "train-labels-idx1-ubyte": "9018921c3c673c538a1fc5bad174d6f9",
  "t10k-images-idx3-ubyte": "8181f5470baa50b63fa0f6fddb340f0a",
  "t10k-labels-idx1-ubyte": "15d484375f8d13e6eb1aabb0c3f46965",
};
const digitsMd5 = "a0339c30a8a5312a1b6f9e5c719dcce5";

const { values: options } = parseArgs({ options: { from: { type: "string" }, golden: { type: "string" } } });
const here = import.meta.dirname;
const root = options.from ?? downloadPackages();
const made = { digits: makeDigits(), "fashion-sample": makeFashion() };
if (options.from === undefined) rmSync(root, { recursive: true });
if (options.golden) compareWithGolden(options.golden, made);
for (const [id, { pixels, labels, positions }] of Object.entries(made)) {
  const raw = Buffer.concat([pixels, labels, Buffer.from(Uint16Array.from(positions).buffer)]);
  const sha256 = createHash("sha256").update(raw).digest("hex");
  const sidecar = join(here, "../src", `${id}.ts`);
  const packed = gzipSync(raw, { level: 9 });
  writeFileSync(join(here, "../data", `${id}.bin.gz`), packed);
  console.log(`${id}: ${raw.length} bytes, ${packed.length} packed, SHA-256 ${sha256}`);
  if (!existsSync(sidecar) || !readFileSync(sidecar, "utf8").includes(sha256)) {
    console.error(`src/${id}.ts states another SHA-256: the content has changed.`);
    process.exitCode = 1;
  }
}

function downloadPackages() {
  const folder = mkdtempSync(join(tmpdir(), "lethe-datasets-"));
  execFileSync("apt-get", ["download", ...packages], { cwd: folder, stdio: "inherit" });
  for (const name of packages) execFileSync("sh", ["-c", `dpkg-deb -x ${name}_*.deb .`], { cwd: folder, stdio: "inherit" });
  return folder;
}

/** The unpacked content of a gzip file, whose MD5 must be the published one. */
function readVerified(path, md5) {
  const content = gunzipSync(readFileSync(join(root, path)));
  const found = createHash("md5").update(content).digest("hex");
  if (found !== md5) throw new Error(`${path}: MD5 ${found} where ${md5} is expected.`);
  return content;
}

function readSelection(name) {
  return readFileSync(join(here, "selection", `${name}.txt`), "utf8")
    .trim()
    .split(/\s+/)
    .map(Number);
}

function makeDigits() {
  const rows = readVerified(digitsFile, digitsMd5).toString("ascii").trim().split("\n");
  const table = rows.map((row) => row.split(",").map(Number));
  return {
    pixels: Buffer.from(table.flatMap((row) => row.slice(0, 64))),
    labels: Buffer.from(table.map((row) => row[64])),
    positions: [...readSelection("digits-train"), ...readSelection("digits-test")],
  };
}

function makeFashion() {
  const parts = [
    { prefix: "train", positions: readSelection("fashion-train") },
    { prefix: "t10k", positions: readSelection("fashion-test") },
  ].map(({ prefix, positions }) => {
    // The sums above prove the content, so that the headers (16 and 8 bytes) may be skipped.
    const images = readFashion(`${prefix}-images-idx3-ubyte`).subarray(16);
    const labels = readFashion(`${prefix}-labels-idx1-ubyte`).subarray(8);
    return {
      pixels: positions.map((position) => images.subarray(position * 784, (position + 1) * 784)),
      labels: positions.map((position) => labels[position]),
      positions,
    };
  });
  return {
    pixels: Buffer.concat(parts.flatMap((part) => part.pixels)),
    labels: Buffer.from(parts.flatMap((part) => part.labels)),
    positions: parts.flatMap((part) => part.positions),
  };
}

function readFashion(name) {
  return readVerified(join(fashionFolder, `${name}.gz`), fashionFiles[name]);
}
