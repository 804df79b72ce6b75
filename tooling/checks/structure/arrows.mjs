// @ts-check
import { isBuiltin } from "node:module";
import { isShipped, packageOf, resolveRelative } from "./workspace.mjs";

/**
 * @typedef {import("./workspace.mjs").Layer} Layer
 * @typedef {import("./workspace.mjs").Rule} Rule
 */

/** What a layer's shipped source may import, and what its tests may besides. @type {Record<Layer, { source: Layer[], tests: Layer[] }>} */
const allowed = {
  core: { source: [], tests: [] },
  library: { source: ["core"], tests: ["library"] },
  conformance: { source: ["core", "library"], tests: [] },
  method: { source: ["core"], tests: ["library", "conformance"] },
  bench: { source: ["core", "library", "method", "conformance"], tests: [] },
  app: { source: ["core", "library", "method", "conformance", "bench"], tests: [] },
};

/** Packages import only those below them. @type {Rule} */
export function arrows({ packages }) {
  const layers = new Map(packages.map(({ name, layer }) => [name, layer]));
  return packages.flatMap((self) =>
    self.files.flatMap((file) => {
      const { source, tests } = allowed[self.layer];
      const reachable = file.shipped ? source : [...source, ...tests];
      return file.imports.flatMap((specifier) => {
        const target = packageOf(specifier);
        const layer = target === undefined || target === self.name ? undefined : layers.get(target);
        if (layer === undefined || reachable.includes(layer)) return [];
        const kind = {
          core: "the core",
          library: "a library",
          conformance: "the conformance suite",
          method: "a method",
          bench: "the bench",
          app: "an app",
        };
        return [`${file.path} imports ${specifier}: ${file.shipped ? "" : "a test of "}${kind[self.layer]} may not import ${kind[layer]}.`];
      });
    }),
  );
}

/** A shipped file imports what its package declares, and a test that or what the workspace has. @type {Rule} */
export function declared({ packages }) {
  return packages.flatMap(({ name, manifest, files }) => {
    const shipped = new Set([
      name,
      ...Object.keys({ ...manifest["dependencies"], ...manifest["peerDependencies"], ...manifest["optionalDependencies"] }),
    ]);
    return files
      .filter((file) => file.shipped)
      .flatMap((file) =>
        file.imports.flatMap((specifier) => {
          const target = packageOf(specifier);
          if (target === undefined || isBuiltin(specifier) || shipped.has(target)) return [];
          return [`${file.path} imports ${specifier}, but ${target} is neither a dependency nor a peer dependency of ${name}.`];
        }),
      );
  });
}

/** Relative imports stay within their package's `src`, and never lead from what is shipped to what is not. @type {Rule} */
export function relativeImports({ packages }) {
  return packages.flatMap(({ folder, files }) =>
    files.flatMap((file) =>
      file.imports
        .filter((specifier) => packageOf(specifier) === undefined)
        .flatMap((specifier) => {
          const target = resolveRelative(file, specifier);
          if (!target.startsWith(`${folder}/`)) return [`${file.path} imports ${specifier}, a path outside its package: import by package name.`];
          if (target.startsWith(`${folder}/dist/`)) return [`${file.path} imports ${specifier}: dist may be stale; import from src.`];
          if (file.shipped && !isShipped(target.slice(`${folder}/src/`.length))) return [`${file.path} imports ${specifier}, which is not shipped.`];
          return [];
        }),
    ),
  );
}
