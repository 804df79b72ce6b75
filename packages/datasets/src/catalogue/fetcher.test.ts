import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fetchError, programFetcher } from "./fetcher.ts";

const code = (expected: string) => expect.objectContaining({ code: expected });
const temporary = () => mkdtemp(join(tmpdir(), "lethe-catalogue-"));

describe("fetching by programs", () => {
  /** A folder with a program of that name, to be the only one on the PATH. */
  const withProgram = async (name: string, script: string) => {
    const folder = await temporary();
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return programFetcher({ variables: { PATH: folder }, cwd: folder });
  };
  const never = new AbortController().signal;

  it("takes the package that npm packs", async () => {
    const into = await temporary();
    const fetcher = await withProgram("npm", 'echo "$@" > "$4/words.txt"; echo x > "$4/tiny-1.0.0.tgz"');
    expect(await fetcher.npm("tiny@1.0.0", into, never)).toBe(join(into, "tiny-1.0.0.tgz"));
    expect(await readFile(join(into, "words.txt"), "utf8")).toMatch(/^pack tiny@1\.0\.0 --pack-destination .* --ignore-scripts/);
  });

  it.each([
    ["npm error code ENOTFOUND", "fetch/offline"],
    ["npm error code E404", "fetch/not-found"],
    ["npm error code E403", "fetch/refused"],
    ["npm error code ENOSPC", "file/disk-full"],
    ["npm error something new", "fetch/failed"],
  ])("knows what npm means by %s", async (words, expected) => {
    const fetcher = await withProgram("npm", `echo "${words}" >&2; exit 1`);
    await expect(fetcher.npm("tiny@1.0.0", await temporary(), never)).rejects.toThrow(code(expected));
    expect(fetchError("x", words).details["output"]).toEqual([words]);
  });

  it("says what is missing", async () => {
    const fetcher = programFetcher({ variables: { PATH: await temporary() }, cwd: tmpdir() });
    await expect(fetcher.npm("tiny@1.0.0", await temporary(), never)).rejects.toThrow(/npm is not on the PATH; install it, or bring the files/);
    await expect(fetcher.debian("tiny-data", await temporary(), never)).rejects.toThrow(code("fetch/tool-missing"));
    const apt = await withProgram("apt-get", 'echo "E: Unable to locate package $2" >&2; exit 100');
    await expect(apt.debian("tiny-data", await temporary(), never)).rejects.toThrow(/run apt-get update first/);
  });

  it("ends the program when it is interrupted", async () => {
    const controller = new AbortController();
    const fetcher = programFetcher({ variables: { PATH: `${(await slowNpm()).folder}:${process.env["PATH"]}` }, cwd: tmpdir() });
    const fetching = fetcher.npm("tiny@1.0.0", await temporary(), controller.signal);
    setTimeout(() => controller.abort(), 50);
    const since = performance.now();
    await expect(fetching).rejects.toThrow(code("run/aborted"));
    expect(performance.now() - since).toBeLessThan(10_000);
  });

  async function slowNpm() {
    const folder = await temporary();
    await writeFile(join(folder, "npm"), "#!/bin/sh\nexec sleep 30\n", { mode: 0o755 });
    return { folder };
  }
});
