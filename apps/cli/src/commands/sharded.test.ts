import { beforeAll, describe, expect, it } from "vitest";
import { contentOf, temporaryFolder } from "../fixtures/folder.ts";
import { lethe } from "../fixtures/run.ts";

let cwd: string;
beforeAll(async () => {
  cwd = await temporaryFolder();
});

const cpu = ["--backend", "cpu"];
const training = ["train", "--data", "digits", "--model", "mlp", "--epochs", "2", "--batch-size", "128", ...cpu];

async function run(words: readonly string[]): Promise<{ readonly exitCode: number; readonly result: Readonly<Record<string, unknown>> }> {
  const { exitCode, stdout } = await lethe([...words, "--json"], { cwd });
  return { exitCode, ...(JSON.parse(stdout) as { result: Record<string, unknown> }) };
}

/** One after the other, as a user would. */
describe("a training by shards", () => {
  it("makes an ensemble, with checkpoints of each shard where sisa watches", async () => {
    const { exitCode, result } = await run([...training, "--shards", "3", "--slices", "2", "--record", "sisa", "--out", "a"]);
    expect([exitCode, result]).toMatchObject([0, { recipe: { order: { kind: "shards", shards: 3, slices: 2 } }, parameters: 3 * 4810 }]);
    const names = Object.keys(await contentOf(`${cwd}/a`));
    for (const shard of [1, 2, 3]) expect(names.filter((name) => name.startsWith(`recorded-sisa/shard-${shard}.snapshot-`))).toHaveLength(3);
  });

  it("is what a request trains again in part", async () => {
    const { exitCode, result } = await run(["unlearn", "a", "--method", "sisa", "--forget", "random=1", "--skip-twins", "--out", "b", ...cpu]);
    expect([exitCode, result]).toMatchObject([0, { status: "completed", report: { shards: 3, stages: 6 } }]);
    expect((result["report"] as { affectedShards: number[] }).affectedShards).toHaveLength(1);
  });

  it("has to be one for sisa to watch it", async () => {
    const { exitCode, stderr } = await lethe([...training, "--record", "sisa", "--out", "c"], { cwd });
    expect(exitCode).not.toBe(0);
    expect(stderr).toMatch(/SISA needs a training by shards/);
    expect(stderr).toMatch(/--shards 5/);
  });
});
