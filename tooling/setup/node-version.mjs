// @ts-check
/** The engine that package.json asks for, "20.19" of ">=20.19", or the one given. */
const oldest = "20.19";

/**
 * Says in one sentence what is wrong with a version of Node, or nothing when it will do.
 *
 * @param {string} version such as "20.19.0" or "v18.2.1"
 * @returns {string | undefined}
 */
export function nodeProblem(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldest.split(".").map(Number);
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return undefined;
  return `Lethe needs Node ${oldest} or newer, and this is Node ${version.replace(/^v/, "")}: install a newer one from https://nodejs.org and run this again.`;
}
