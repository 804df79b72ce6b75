// @ts-check
import { isBuiltin } from "node:module";
import { posix } from "node:path";
import { packageOf } from "./workspace.mjs";

/** @typedef {import("./workspace.mjs").Rule} Rule */

/** Core's rooms, lowest floor first; each imports only from floors below. */
const floors = [
  "errors",
  "random",
  "tree",
  "io",
  "files",
  "context",
  "assembler",
  "linalg",
  "data",
  "autodiff",
  "model",
  "passes",
  "curvature",
  "pool",
  "train",
  "trajectory",
  "method",
  "unlearn.ts",
  "index.ts",
];

/** @param {string} inside a path below core's `src` */
const roomOf = (inside) => /** @type {string} */ (inside.split("/")[0]);

/** @type {Rule} */
export function rooms({ packages }) {
  const files = packages.filter(({ layer }) => layer === "core").flatMap((core) => core.files.filter(({ shipped }) => shipped));
  return files.flatMap((file) => {
    const room = roomOf(file.inside);
    if (!floors.includes(room)) return [`${file.path}: core has no room "${room}"; give it a floor in tooling/checks/structure/rooms.mjs.`];
    return file.imports
      .filter((specifier) => packageOf(specifier) === undefined)
      .flatMap((specifier) => {
        const target = roomOf(posix.join(posix.dirname(file.inside), specifier));
        if (target === room || floors.indexOf(target) < floors.indexOf(room)) return [];
        return [`${file.path} imports ${specifier}: "${room}" stands below "${target}".`];
      });
  });
}

/** Core runs in browsers: only `files` may use Node's own modules. @type {Rule} */
export function browserSafeCore({ packages }) {
  const files = packages.filter(({ layer }) => layer === "core").flatMap((core) => core.files);
  return files
    .filter(({ shipped, inside }) => shipped && roomOf(inside) !== "files")
    .flatMap((file) =>
      file.imports
        .filter((specifier) => isBuiltin(specifier))
        .map((specifier) => `${file.path} imports ${specifier}: in core only files/ may use Node's modules.`),
    );
}
