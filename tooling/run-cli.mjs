// @ts-check
// `pnpm lethe ARGS`: builds the command line where its sources changed, without a word unless that fails, then runs it in the user's folder.
import { endLike, run } from "./setup/process.mjs";
import { buildCli, programs, setUpPnpm } from "./setup/workspace.mjs";

// pnpm and npm run scripts in the workspace's root, and say here where the user stood.
const cwd = process.env["INIT_CWD"] ?? process.cwd();
const lethe = () => run(process.execPath, [programs.lethe, ...process.argv.slice(2)], { cwd });

for (const step of [setUpPnpm, buildCli, lethe]) {
  const ending = await step();
  endLike(ending);
  if (ending.code === 0) continue;
  process.stderr.write(ending.output);
  break;
}
