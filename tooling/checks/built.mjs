// @ts-check
// Imports every entry of every published package from its build, as plain Node resolves it: `node tooling/checks/built.mjs [ROOT]`.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../setup/process.mjs";
import { readWorkspace } from "./structure/workspace.mjs";

const root = process.argv[2] ?? fileURLToPath(new URL("../../", import.meta.url));
const published = readWorkspace(root).packages.filter(({ manifest }) => !manifest["private"]);

let failures = 0;
for (const { name, folder, manifest } of published) {
  const entries = Object.keys(manifest["exports"] ?? {}).filter((path) => path !== "./package.json");
  const specifiers = entries.map((path) => name + path.slice(1));
  const program = `for (const specifier of ${JSON.stringify(specifiers)}) await import(specifier);`;
  const { code, output } = await run(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: join(root, folder),
    output: "capture",
    input: "ignore",
  });
  if (code === 0) continue;
  failures++;
  console.error(`${name}: importing ${specifiers.join(", ")} from its build failed:\n${output.trim()}\n`);
}
console.log(`built: ${published.length} packages, ${failures} that cannot be imported`);
process.exitCode = failures === 0 && published.length > 0 ? 0 : 1;
