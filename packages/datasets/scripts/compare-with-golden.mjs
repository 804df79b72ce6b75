// Bit-equality of what make-embedded.mjs made with the reference cases that the golden tests start from.
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Throws unless indices, labels and pixels of both data sets are those stored in the reference cases. */
export function compareWithGolden(folder, { digits, "fashion-sample": fashion }) {
  const a = readGolden(join(folder, "A-digits-mlp.safetensors"));
  const rows = [...a("data.train_index"), ...a("data.test_index")];
  expectEqual("digits positions", digits.positions, rows);
  expectEqual(
    "digits labels",
    rows.map((row) => digits.labels[row]),
    [...a("data.train_labels"), ...a("data.test_labels")],
  );
  expectEqual(
    "digits pixels",
    rows.flatMap((row) => [...digits.pixels.subarray(row * 64, (row + 1) * 64)]),
    [...a("data.train_images_u8"), ...a("data.test_images_u8")],
  );
  const b = readGolden(join(folder, "B-fashion-cnn.safetensors"));
  expectEqual("fashion positions", fashion.positions, [...b("data.train_index"), ...b("data.test_index")]);
  expectEqual("fashion labels", fashion.labels, [...b("data.train_labels"), ...b("data.test_labels")]);
  expectEqual("fashion pixels", fashion.pixels, [...b("data.train_images_u8"), ...b("data.test_images_u8")]);
}

function expectEqual(what, made, golden) {
  if (made.length !== golden.length) throw new Error(`${what}: ${made.length} made, ${golden.length} in the reference case.`);
  const at = golden.findIndex((value, i) => value !== made[i]);
  if (at >= 0) throw new Error(`${what}: value ${at} is ${made[at]}, the reference case has ${golden[at]}.`);
  console.log(`${what}: all ${golden.length} equal to the reference case`);
}

/** safetensors: header length as u64 little-endian, JSON header, raw little-endian data. */
function readGolden(path) {
  const file = readFileSync(path);
  const dataStart = 8 + Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString("utf8", 8, dataStart));
  return (name) => {
    const { dtype, data_offsets: offsets } = header[name];
    const bytes = file.subarray(dataStart + offsets[0], dataStart + offsets[1]);
    return dtype === "U8" ? bytes : Int32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readInt32LE(4 * i));
  };
}
