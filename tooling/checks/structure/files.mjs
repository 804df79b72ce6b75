// @ts-check

/** @typedef {import("./workspace.mjs").Rule} Rule */

const most = 400;

/** A file longer than this holds more than one idea. @type {Rule} */
export function fileLengths({ packages }) {
  const long = packages.flatMap(({ files }) => files.filter(({ lines }) => lines > most));
  return long.map(({ path, lines }) => `${path} has ${lines} lines; ${most} are allowed.`);
}
