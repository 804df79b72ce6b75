import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { timelessResults, tinyExperiment, writeExperiment } from "../../fixtures/experiment.ts";
import { temporaryFolder } from "../../fixtures/folder.ts";
import { start } from "../../fixtures/process.ts";
import { lethe } from "../../fixtures/run.ts";

/** More to do, so that there is a middle to be killed in. */
const experiment = `${tinyExperiment.replace("seeds: 1", "seeds: 2")}  finetune: { options: { epochs: 1 } }\n`;

it("killed with -9 twice, an experiment ends with the results of an undisturbed one", async () => {
  const cwd = await temporaryFolder();
  await writeExperiment(cwd, "tiny.yaml", experiment);
  const words = (name: string) => ["bench", "tiny.yaml", "--out", name, "--cache", `${name}-cache`, "--backend", "wasm"];
  const finish = async (name: string) => {
    const { exitCode, stdout } = await lethe([...words(name), "--json"], { cwd });
    expect(exitCode).toBe(0);
    return (JSON.parse(stdout) as { result: { work: { done: number; found: number } } }).result.work;
  };
  // With processes beside it, which have to end too, and without.
  for (const [workers, pieces] of [
    ["2", 1],
    ["1", 4],
  ] as const) {
    const { child, ended } = start([...words("killed"), "--workers", workers], cwd);
    await holds(join(cwd, "killed-cache"), pieces);
    child.kill("SIGKILL");
    expect((await ended).signal).toBe("SIGKILL");
    expect(await isThere(join(cwd, "killed", "manifest.json"))).toBe(false);
  }
  const work = await finish("killed");
  expect(work.found).toBeGreaterThanOrEqual(4);
  expect(work.found).toBeLessThan(work.done);
  expect((await finish("undisturbed")).found).toBe(0);

  const results = await timelessResults(join(cwd, "killed"));
  expect(Object.keys(results)).toHaveLength(6);
  expect(results).toEqual(await timelessResults(join(cwd, "undisturbed")));
  expect(await lethe(["verify", "killed"], { cwd })).toMatchObject({ exitCode: 0 });
});

/** A piece of work that was kept as a whole. What a kill left half-written lies in a folder with another name. */
const kept = /^[0-9a-f]{2}[\\/][0-9a-f]{32}[\\/]facts\.json$/;

/** Waits until so many pieces of work are kept in a cache. */
async function holds(cache: string, pieces: number): Promise<void> {
  for (let patience = 0; patience < 6000; patience++) {
    const names = await readdir(cache, { recursive: true }).catch(() => []);
    if (names.filter((name) => kept.test(name)).length >= pieces) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`${cache} did not come to hold ${pieces} pieces of work`);
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
