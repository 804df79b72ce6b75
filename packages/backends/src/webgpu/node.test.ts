import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, vi } from "vitest";

/** Dawn without a driver, or with an emulated GPU. */
async function dawn(adapter: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "webgpu-"));
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module", version: "0.0.1" }));
  await writeFile(
    join(folder, "index.js"),
    `export const globals = {};\nexport const create = () => ({ requestAdapter: async () => (${adapter}) });\n`,
  );
  return folder;
}

const vulkanIsThere = { dlopen: () => undefined };

it.each([
  ["no package", undefined, /The package webgpu is not installed\. In Node, install @tensorflow\/tfjs-backend-webgpu and webgpu/],
  ["no adapter", "null", /navigator\.gpu has no adapter: .* In Node, install/],
  ["an adapter that cannot be asked for", "await Promise.reject(new Error('no'))", /navigator\.gpu has no adapter/],
])("says of %s what to install", async (_, adapter, sentence) => {
  vi.resetModules();
  vi.stubGlobal("navigator", undefined);
  vi.spyOn(process, "dlopen").mockImplementation(vulkanIsThere.dlopen);
  vi.stubEnv("LETHE_WEBGPU", adapter === undefined ? "/nowhere/webgpu" : await dawn(adapter));
  const { chooseBackend: choose } = await import("../choose.ts");
  await expect(choose({ name: "webgpu" })).rejects.toMatchObject({ code: "backend/unavailable", message: expect.stringMatching(sentence) as string });
});

it.runIf(process.platform === "linux")("names the library that is missing instead of loading Dawn, which would complain on stderr", async () => {
  vi.resetModules();
  vi.stubGlobal("navigator", undefined);
  vi.spyOn(process, "dlopen").mockImplementation(() => {
    throw new Error("libvulkan.so.1: cannot open shared object file: No such file or directory");
  });
  vi.stubEnv("LETHE_WEBGPU", await dawn("null"));
  const { inspectBackends: inspect } = await import("../choose.ts");
  const found = (await inspect()).find(({ name }) => name === "webgpu");
  expect(found).toMatchObject({
    available: false,
    reason: expect.stringMatching(/libvulkan\.so\.1 is not there; install it \(libvulkan1/) as string,
  });
});

it("passes over a GPU in software, and tells its limits", async () => {
  vi.resetModules();
  vi.stubGlobal("navigator", undefined);
  vi.spyOn(process, "dlopen").mockImplementation(vulkanIsThere.dlopen);
  const adapter = `{ info: { vendor: "google", architecture: "swiftshader", description: "" }, limits: { maxBufferSize: 8, maxStorageBufferBindingSize: 4 } }`;
  vi.stubEnv("LETHE_WEBGPU", await dawn(adapter));
  vi.stubEnv("LETHE_TFJS_NODE", "");
  const { chooseBackend: choose } = await import("../choose.ts");
  const { name, considered } = await choose();
  expect(name).toBe("wasm");
  expect(considered.find((each) => each.name === "webgpu")).toMatchObject({
    discouraged: true,
    reason: "The adapter (google swiftshader) is emulated in software, which is slower than wasm.",
    adapter: { kind: "software", limits: { maxBufferSize: 8, maxStorageBufferBindingSize: 4 } },
  });
});
