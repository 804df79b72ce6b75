// @ts-check
// Checks that the workspace is built as docs/architecture.md says: `node tooling/checks/structure.mjs [ROOT]`.
import { fileURLToPath } from "node:url";
import { arrows, declared, relativeImports } from "./structure/arrows.mjs";
import { fileLengths } from "./structure/files.mjs";
import { noTarballAddresses, oneEngine } from "./structure/lock-file.mjs";
import { manifests } from "./structure/manifests.mjs";
import { browserSafeCore, rooms } from "./structure/rooms.mjs";
import { readWorkspace } from "./structure/workspace.mjs";

const rules = [arrows, declared, relativeImports, rooms, browserSafeCore, manifests, fileLengths, noTarballAddresses, oneEngine];

const workspace = readWorkspace(process.argv[2] ?? fileURLToPath(new URL("../../", import.meta.url)));
const problems = rules.flatMap((rule) => rule(workspace));
for (const problem of problems) console.error(problem);
const files = workspace.packages.reduce((sum, each) => sum + each.files.length, 0);
console.log(`structure: ${workspace.packages.length} packages, ${files} source files, ${problems.length} problem${problems.length === 1 ? "" : "s"}`);
process.exitCode = problems.length === 0 && files > 0 ? 0 : 1;
