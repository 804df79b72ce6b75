import { fileURLToPath } from "node:url";
import { build, type Plugin } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Packages that bring native code, or whose loading is what is tried: they stay imports. */
const native = [/^@tensorflow\/tfjs-node/, /^webgpu$/];

/** The backend for WebGPU is imported by a name that bundlers do not follow; here it is to come along, in a file of its own that is read after the GPU was found. */
const bringBackend: Plugin = {
  name: "bring-webgpu-backend",
  // Before the comment is taken away.
  enforce: "pre",
  transform: (code, id) =>
    id.endsWith("/webgpu/load.ts")
      ? code.replace("import(/* @vite-ignore */ backendPackage)", 'import("@tensorflow/tfjs-backend-webgpu")')
      : undefined,
};

/** Writes `browser.js`, or `node.mjs`, with everything that it needs but native packages, into a folder. */
export async function bundle(target: "browser" | "node", folder: string): Promise<void> {
  const entry = here(`./${target}.ts`);
  // Node takes other files for modules only where a manifest says so.
  const suffix = target === "node" ? "mjs" : "js";
  const conditions = ["lethe-source", "module", target, "production"];
  await build({
    configFile: false,
    root: here("."),
    logLevel: "error",
    plugins: [bringBackend],
    resolve: { conditions },
    ssr: { noExternal: true, resolve: { conditions } },
    build: {
      outDir: folder,
      emptyOutDir: false,
      minify: false,
      target: "es2022",
      ...(target === "node" ? { ssr: entry } : {}),
      rolldownOptions: {
        input: entry,
        external: native,
        output: { entryFileNames: `${target}.${suffix}`, chunkFileNames: `${target}-[name].${suffix}`, format: "es" },
      },
    },
  });
}
