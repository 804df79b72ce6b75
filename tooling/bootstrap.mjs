// @ts-check
// `npm start` and `npm test` on a machine that has only Node and npm. Plain Node and no dependencies: it runs before anything is installed.
import { nodeProblem } from "./setup/node-version.mjs";

const problem = nodeProblem(process.versions.node);
if (problem) {
  console.error(problem);
  process.exit(1);
}
const { endLike, run } = await import("./setup/process.mjs");
const { stage } = await import("./setup/stage.mjs");
const { buildCli, installDependencies, programs, rootPath, setUpPnpm } = await import("./setup/workspace.mjs");

const [name = "", ...args] = process.argv.slice(2);

const pnpm = () => stage("pnpm", setUpPnpm);
const dependencies = () => stage("dependencies", installDependencies);
const build = () => stage("build", buildCli);
const demo = () => run(process.execPath, [programs.lethe, "demo", ...args], { cwd: rootPath });
const tests = () => run(process.execPath, [programs.vitest, "run", ...args], { cwd: rootPath });

const commands = new Map([
  ["start", [pnpm, dependencies, build, demo]],
  ["test", [pnpm, dependencies, tests]],
]);
const steps = commands.get(name);
if (!steps) {
  console.error(`bootstrap.mjs knows ${[...commands.keys()].join(" and ")}, not "${name}".`);
  process.exit(1);
}
for (const step of steps) {
  const ending = await step();
  endLike(ending);
  if (ending.code !== 0) break;
}
