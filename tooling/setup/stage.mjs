// @ts-check

/** @typedef {import("./process.mjs").Ending} Ending */

/** @param {number} milliseconds */
export function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/**
 * Does one step of a set-up on one line, "build ... 12.3 s". What the step printed is shown only when it fails.
 *
 * @param {string} name
 * @param {() => Promise<Ending>} step
 * @param {{ write(text: string): unknown }} [out]
 */
export async function stage(name, step, out = process.stderr) {
  out.write(`${name} ... `);
  const start = performance.now();
  const ending = await step();
  out.write(`${ending.code === 0 ? "" : "failed after "}${seconds(performance.now() - start)}\n`);
  if (ending.code !== 0) out.write(`\n${ending.output.trim()}\n`);
  return ending;
}
