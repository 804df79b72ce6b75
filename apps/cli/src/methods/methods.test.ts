import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../fixtures/folder.ts";
import { lethe } from "../fixtures/run.ts";
import { catalogue } from "./catalogue.ts";
import { surveyMethods } from "./installed.ts";
import { loadMethod, type Method } from "./load.ts";
import { configureMethod, describeOptions } from "./options.ts";

const code = (expected: string) => expect.objectContaining({ code: expected });

/** A plugin as a stranger may write it: plain JavaScript, a schema by hand, no import at all. */
const plugin = (id: string, contract = 1) => `
  const options = { "~standard": { version: 1, vendor: "by hand", validate: (value) => ("strength" in value ? { value } : { issues: [{ message: "strength is missing" }] }) } };
  export const ${id} = {
    contract: ${contract}, id: "${id}", title: "Nothing at all", guarantee: "approximate", scenarios: ["random"], options,
    citation: { authors: "Nobody", title: "On Nothing", venue: "Nowhere", year: 2024, url: "https://example.org" },
    needs: { retain: "none", labels: "not-needed", trace: "not-needed", recipe: "not-needed", layers: "any" },
    async unlearn() { throw new Error("not for this test"); },
  };`;

describe("methods", () => {
  let cwd: string;

  const install = async (name: string, files: Readonly<Record<string, string>>) => {
    const folder = join(cwd, "node_modules", name);
    await mkdir(folder, { recursive: true });
    for (const [file, content] of Object.entries(files)) await writeFile(join(folder, file), content);
  };

  beforeAll(async () => {
    cwd = await temporaryFolder();
    await writeFile(join(cwd, "mine.mjs"), plugin("mine"));
    await writeFile(join(cwd, "two.mjs"), `${plugin("first")}\nexport const second = { ...first, id: "second" };`);
    await writeFile(join(cwd, "future.mjs"), plugin("future", 2));
    await writeFile(join(cwd, "other.mjs"), "export const answer = 42;");
    await writeFile(join(cwd, "broken.mjs"), "export const = 1;");
    const description = { type: "module", version: "1.2.3" };
    await install("lethe-method-nothing", {
      "package.json": JSON.stringify({ ...description, exports: { ".": { types: "./index.d.ts", import: { default: "./entry.js" } } } }),
      "entry.js": plugin("nothing"),
    });
    await install("lethe-method-main", { "package.json": JSON.stringify({ ...description, main: "lib.js" }), "lib.js": plugin("main") });
    await install("unrelated", {
      "package.json": JSON.stringify({ ...description, main: "index.js" }),
      "index.js": "throw new Error('was loaded unasked')",
    });
  });

  it("knows every method of this project", async () => {
    const folders = await readdir(new URL("../../../../packages/methods", import.meta.url));
    expect([...catalogue.keys()].toSorted()).toEqual(folders.filter((name) => !name.startsWith(".")).toSorted());
  });

  it("finds methods by id, by package, and by path", async () => {
    expect(await loadMethod("ssd", cwd)).toMatchObject({ source: "@lethe/ssd", method: { id: "ssd" } });
    expect(await loadMethod("@lethe/ssd", cwd)).toMatchObject({ source: "@lethe/ssd" });
    expect(await loadMethod("nothing", cwd)).toMatchObject({ source: "lethe-method-nothing", version: "1.2.3", method: { id: "nothing" } });
    expect(await loadMethod("lethe-method-main", cwd)).toMatchObject({ method: { id: "main" } });
    expect(await loadMethod("./mine.mjs", cwd)).toMatchObject({ source: join(cwd, "mine.mjs"), version: undefined, method: { id: "mine" } });
    // Installed for a folder is installed for those below it.
    await mkdir(join(cwd, "below"), { recursive: true });
    expect(await loadMethod("nothing", join(cwd, "below"))).toMatchObject({ version: "1.2.3" });
  });

  it.each([
    ["absent", "method/not-installed"],
    ["lethe-method-absent", "method/not-installed"],
    ["./absent.mjs", "method/not-loadable"],
    ["./broken.mjs", "method/not-loadable"],
    ["./other.mjs", "method/not-a-method"],
    ["./two.mjs", "method/not-a-method"],
    ["./future.mjs", "method/other-contract"],
  ])("refuses %s", async (name, expected) => {
    await expect(loadMethod(name, cwd)).rejects.toThrow(code(expected));
  });

  it("refuses a method with an engine of its own", async () => {
    await install("@tensorflow/tfjs", {
      "package.json": JSON.stringify({ name: "@tensorflow/tfjs", version: "4.22.0", main: "index.js" }),
      "index.js": "",
    });
    await expect(loadMethod("nothing", cwd)).rejects.toThrow(code("method/other-engine"));
    await rm(join(cwd, "node_modules", "@tensorflow"), { recursive: true });
  });

  it("loads what is named or called a method, nothing else", async () => {
    const { installed, missing, broken } = await surveyMethods(cwd);
    expect(installed.map(({ method }) => method.id)).toEqual([...catalogue.keys(), "main", "nothing"]);
    expect([missing, broken]).toEqual([[], []]);
    await install("lethe-method-wrong", { "package.json": '{"type": "module", "main": "index.js"}', "index.js": "export default 1" });
    expect((await surveyMethods(cwd)).broken).toMatchObject([{ name: "lethe-method-wrong", code: "method/not-a-method" }]);
  });

  it("describes options by whatever the schema tells", async () => {
    const { method } = await loadMethod("ssd", cwd);
    expect(describeOptions(method)).toContainEqual(expect.objectContaining({ name: "alpha", allowed: "number, more than 0", usual: 10 }));
    const mine = (await loadMethod("./mine.mjs", cwd)).method;
    expect(describeOptions(mine)).toBeUndefined();
    expect(() => configureMethod(mine, {})).toThrow(code("options/invalid"));
    expect(configureMethod(mine, { strength: 1 }).options).toEqual({ strength: 1 });
  });

  it("puts JSON schemas into words", () => {
    const properties = {
      a: { type: "integer", minimum: 1, maximum: 9 },
      b: { anyOf: [{ const: "auto" }, { type: "number", exclusiveMinimum: 0, maximum: Number.MAX_SAFE_INTEGER }] },
      c: { type: "array", items: { type: "string" } },
      d: { type: "object", properties: { on: { type: "boolean" } } },
      e: {},
      f: { enum: ["x", "y", "z"], description: "which" },
    };
    const standard = {
      version: 1,
      vendor: "test",
      validate: () => ({ value: { a: 5 } }),
      jsonSchema: { input: () => ({ type: "object", properties }) },
    };
    const described = describeOptions({ id: "test", options: { "~standard": standard } } as unknown as Method);
    expect(described?.map(({ name, allowed }) => `${name}: ${allowed}`)).toEqual([
      "a: whole number, 1 or more, at most 9",
      "b: auto or number, more than 0",
      "c: list of text",
      "d: { on: true or false }",
      "e: anything",
      "f: x, y or z",
    ]);
    expect([described?.[0].usual, described?.[5].help]).toEqual([5, "which"]);
  });

  it("lists and shows them", async () => {
    const { stdout } = await lethe(["methods"], { cwd });
    expect(stdout).toMatch(/^ssd +Selective synaptic dampening +approximate/m);
    expect(stdout).toMatch(/^nothing +Nothing at all/m);
    expect((await lethe(["methods", "ssd"], { cwd })).stdout).toMatch(/--set alpha= {2}number, more than 0 \(default 10\)/);
    const influence = (await lethe(["methods", "influence"], { cwd })).stdout.split("\n");
    expect(Math.max(...influence.map((line) => line.length))).toBeLessThanOrEqual(120);
    expect(influence.join("\n")).toMatch(/--set correction= {2}remove, \{ labels: .*\n {21}\S/);
    const listed = JSON.parse((await lethe(["methods", "--json"], { cwd })).stdout) as {
      result: { installed: { id: string; options: unknown[] | null }[] };
    };
    expect(listed.result.installed.find(({ id }) => id === "ssd")?.options).toContainEqual(expect.objectContaining({ name: "lambda", usual: 1 }));
    const shown = JSON.parse((await lethe(["methods", "./mine.mjs", "--json"], { cwd })).stdout) as { result: object };
    expect(shown.result).toMatchObject({ id: "mine", options: null, prepares: false, needs: { retain: "none" } });
  });
});
