// @ts-check
// `node try.mjs FOLDER` loads the tfjs-node in a folder, has it multiply two matrices, and prints the version of the library that did.
import { createRequire } from "node:module";
import { resolve, sep } from "node:path";
import util from "node:util";

// Every kernel of tfjs-node 4.22 calls what Node 23 took away; @lethe/backends does this for its users.
Object.assign(util, { isNullOrUndefined: (/** @type {unknown} */ value) => value === null || value === undefined });
process.env["TF_CPP_MIN_LOG_LEVEL"] ??= "1";
const folder = resolve(process.argv[2] ?? ".");
const tf = createRequire(folder + sep)(folder);
const product = tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])).dataSync()[0];
if (tf.getBackend() !== "tensorflow" || product !== 11) throw new Error(`[1 2] [3 4]' is 11, and ${tf.getBackend()} says ${product}.`);
console.log(tf.backend().binding.TF_Version);
