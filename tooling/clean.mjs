// @ts-check
// Removes what was built, so that nothing whose source is gone can be published.
import { readdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);
for (const parent of ["packages/", "packages/methods/", "apps/"]) {
  for (const entry of await readdir(new URL(parent, root), { withFileTypes: true })) {
    if (entry.isDirectory()) await rm(fileURLToPath(new URL(`${parent}${entry.name}/dist`, root)), { recursive: true, force: true });
  }
}
