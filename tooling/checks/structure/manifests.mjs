// @ts-check

/**
 * @typedef {import("./workspace.mjs").Package} Package
 * @typedef {import("./workspace.mjs").Rule} Rule
 */

const conditions = ["lethe-source", "types", "default"];
const engine = "@tensorflow/tfjs";

/** What every package.json says, and the files it promises. @type {Rule} */
export function manifests({ packages }) {
  return packages.flatMap((self) =>
    [...whatEveryoneSays(self), ...(self.manifest["private"] ? [] : whatPublishedPackagesSay(self))].map((problem) => `${self.folder}: ${problem}`),
  );
}

/** @param {Package} self @returns {string[]} */
function whatEveryoneSays({ layer, manifest, has }) {
  const problems = [];
  if (!has("README.md")) problems.push("has no README.md.");
  if (manifest["type"] !== "module") problems.push(`"type" must be "module".`);
  if (layer !== "app") {
    if (!manifest["peerDependencies"]?.[engine]) problems.push(`${engine} must be a peer dependency: there is one engine, the user's.`);
    if (manifest["dependencies"]?.[engine]) problems.push(`${engine} must not be a dependency besides: it would bring a second engine.`);
  }
  return problems;
}

/** @param {Package} self @returns {string[]} */
function whatPublishedPackagesSay({ manifest, has }) {
  const problems = [];
  if (manifest["license"] !== "Apache-2.0") problems.push(`"license" must be "Apache-2.0".`);
  if (manifest["sideEffects"] !== false) problems.push(`"sideEffects" must be false.`);
  if (!Array.isArray(manifest["files"]) || manifest["files"].length === 0) problems.push(`"files" must list what is published.`);
  if (!manifest["description"]) problems.push(`"description" is missing.`);
  const entries = Object.entries(manifest["exports"] ?? {}).filter(([path]) => path !== "./package.json");
  if (entries.length === 0) problems.push(`"exports" must name at least one entry.`);
  for (const [path, entry] of entries) {
    const keys = entry && typeof entry === "object" ? Object.keys(entry) : [];
    if (keys.join() !== conditions.join()) problems.push(`exports["${path}"] must have the conditions ${conditions.join(", ")}, in this order.`);
    else if (!has(entry["lethe-source"])) problems.push(`exports["${path}"] names ${entry["lethe-source"]}, which does not exist.`);
  }
  return problems;
}
