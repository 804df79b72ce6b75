import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { contentOf, temporaryFolder } from "../fixtures/folder.ts";
import { lethe } from "../fixtures/run.ts";

/** A folder that is the whole PATH, with a program that fails by these words. */
async function pathWith(program: string, words: string): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, program), `#!/bin/sh\necho "${words}" >&2\nexit 1\n`, { mode: 0o755 });
  return folder;
}

const refused = async (words: readonly string[], options: Parameters<typeof lethe>[1] = {}) => {
  const told = await lethe(["data", ...words], options);
  expect(told.stdout).toBe("");
  return { exitCode: told.exitCode, line: told.stderr.split("\n").find((line) => line.startsWith("lethe:")) };
};

describe("lethe data list", () => {
  it("shows what comes with Lethe, what is here and what is not, in even columns", async () => {
    const cwd = await temporaryFolder();
    await mkdir(join(cwd, ".lethe/data/mnist"), { recursive: true });
    await writeFile(join(cwd, ".lethe/data/mnist/train-images-idx3-ubyte"), "half");
    const { exitCode, stdout } = await lethe(["data", "list"], { cwd });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^digits +handwritten digits +1,797 .* built in$/m);
    expect(stdout).toMatch(/^mnist +handwritten digits +70,000 .* incomplete$/m);
    expect(stdout).toMatch(/^cifar10-small .* 12,000 .* –$/m);
    const [head, , ...lines] = stdout.split("\n");
    const end = head.indexOf("samples") + "samples".length;
    for (const line of lines.slice(0, lines.indexOf(""))) expect(line.slice(0, end)).toMatch(/ [\d,]+$/);
    expect(stdout).toContain(`Data lie in ${join(cwd, ".lethe/data")}.`);
    expect(Object.keys(await contentOf(cwd))).toHaveLength(1);
  });

  it("as JSON gives all there is to say", async () => {
    const { stdout } = await lethe(["data", "list", "--json"], { variables: { LETHE_DATA: "/nowhere" } });
    const { result } = JSON.parse(stdout) as { result: { folder: string; data: { name: string; state: string; get: string | null }[] } };
    expect(result.folder).toBe("/nowhere");
    expect(result.data.find(({ name }) => name === "svhn")).toMatchObject({ state: "absent", get: "bring", licence: "non-commercial use" });
  });
});

describe("lethe data get", () => {
  it.each([
    ["npm error code ENOTFOUND", "fetch/offline", 4, /cannot be reached; check the connection/],
    ["npm error code ENOSPC", "file/disk-full", 4, /no room left on the disk/],
    ["npm error code E404", "fetch/not-found", 4, /it is not there/],
  ])("told %s by npm, says so in a sentence", async (words, code, exitCode, message) => {
    const cwd = await temporaryFolder();
    const told = await refused(["get", "mnist"], { cwd, variables: { PATH: await pathWith("npm", words) } });
    expect(told.exitCode).toBe(exitCode);
    expect(told.line).toContain(`(${code})`);
    expect(told.line).toMatch(message);
  });

  it("without the programs it needs, says how to bring the files", async () => {
    const cwd = await temporaryFolder();
    const told = await refused(["get", "fashion-mnist"], { cwd, variables: { PATH: cwd } });
    expect(told).toMatchObject({
      exitCode: 4,
      line: expect.stringMatching(/apt-get is not on the PATH; install it, or bring the files with --from FOLDER/),
    });
  });

  it.each([
    [["get", "svhn"], 3, /svhn cannot be fetched by Lethe; get train_32x32\.mat, test_32x32\.mat from http/],
    [["get", "digits"], 3, /digits comes with Lethe/],
    [["get", "cifar"], 3, /did you mean cifar10/],
    [["get"], 2, /needs the name of a data set/],
    [["fetch", "mnist"], 2, /no action fetch/],
    [["gett"], 2, /did you mean get\?/],
    [["list", "mnist"], 2, /lethe data list takes no name; lethe data info mnist shows one/],
    [["info", "nosuch"], 3, /There is no data set nosuch; there are digits, fashion-sample, .*mnist/],
    [["info", "digit"], 3, /did you mean digits\?/],
    [["list", "--from", "x"], 2, /--from belongs to lethe data get/],
    [["verify", "mnist"], 3, /mnist is not in .*; get it by: lethe data get mnist/],
    [["verify", "./empty"], 3, /holds no files of a data set that Lethe knows/],
  ])("%j is refused", async (words, exitCode, message) => {
    const told = await refused(words, { cwd: await temporaryFolder() });
    expect(told.exitCode).toBe(exitCode);
    expect(told.line).toMatch(message);
  });

  it("takes no file whose sum is another", async () => {
    const cwd = await temporaryFolder();
    for (const name of ["train_32x32.mat", "test_32x32.mat"]) await writeFile(join(cwd, name), "not it");
    const told = await refused(["get", "svhn", "--from", ".", "--dir", "data"], { cwd });
    expect(told).toMatchObject({ exitCode: 3, line: expect.stringMatching(/train_32x32\.mat is not the published .* \(data\/checksum\)$/) });
    expect(Object.keys(await contentOf(cwd)).filter((path) => path.endsWith(".mat"))).toHaveLength(2);
  });
});

it("lethe data verify names what is wrong, by name and by folder, and ends with 3", async () => {
  const cwd = await temporaryFolder();
  await mkdir(join(cwd, "data/cifar100"), { recursive: true });
  await writeFile(join(cwd, "data/cifar100/train.bin"), "short");
  for (const words of [["cifar100", "--dir", "data"], ["data/cifar100"]]) {
    const { exitCode, stdout } = await lethe(["data", "verify", ...words], { cwd });
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/✗ cifar100: 2 files of 2 are not as on record/);
    expect(stdout).toMatch(/^train\.bin +5 B +wrong size +SHA1 e207/m);
    expect(stdout).toMatch(/^test\.bin +missing +SHA1 8fb6/m);
  }
});

it("lethe data info says whose data they are and how they are used", async () => {
  const { exitCode, stdout } = await lethe(["data", "info", "cifar10"], { cwd: await temporaryFolder() });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/licence +none stated/);
  expect(stdout).toMatch(/paper +A\. Krizhevsky/);
  expect(stdout).toMatch(/use +--data cifar10, --data cifar10-small/);
  expect((await lethe(["data", "info", "fashion-sample"])).stdout).toMatch(/licence +MIT/);
});
