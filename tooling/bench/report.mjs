// @ts-check

/**
 * @typedef {import("./benchmarks.mjs").Measurement & { backend?: string }} Measured none where no tensor was made
 * @typedef {{ error: string }} Failed
 * @typedef {Pick<import("./benchmarks.mjs").Benchmark, "name" | "kind" | "goal">} Listed
 * @typedef {{ benchmark: Listed, result: Measured | Failed }} Run
 * @typedef {{ cpu: string, cores: number, memory: number, system: string }} Machine
 */

/**
 * Everything as one object: `ratios` and `information` by name, and beside them how they were measured, on what, and what failed.
 *
 * @param {readonly Run[]} runs
 * @param {Machine} machine
 * @param {Record<string, string>} versions
 */
export function asObject(runs, machine, versions) {
  const measured = runs.flatMap(({ benchmark, result }) => ("error" in result ? [] : [{ ...benchmark, ...result }]));
  const values = (/** @type {string} */ kind) =>
    Object.fromEntries(measured.filter((each) => each.kind === kind).map(({ name, value }) => [name, value]));
  const details = Object.fromEntries(measured.map(({ name, goal, kind, value, ...how }) => [name, { kind, value, goal, ...how }]));
  const failed = Object.fromEntries(runs.flatMap(({ benchmark, result }) => ("error" in result ? [[benchmark.name, result.error]] : [])));
  return { ratios: values("ratio"), information: values("information"), details, failed, machine, versions };
}

/** The same for people. @param {readonly Run[]} runs @param {Machine} machine @param {Record<string, string>} versions */
export function asText(runs, machine, versions) {
  const rows = runs.map(({ benchmark, result }) => {
    if ("error" in result) return [benchmark.name, "failed", "", "", "", "", benchmark.goal ?? ""];
    const { value, min, max, pairs, firstSeconds, secondSeconds, backend } = result;
    const range = min === undefined || max === undefined ? "" : `${number(min)} to ${number(max)}`;
    const times = firstSeconds === undefined || secondSeconds === undefined ? "" : `${time(firstSeconds)} / ${time(secondSeconds)}`;
    return [benchmark.name, number(value), range, pairs?.toString() ?? "", times, backend ?? "", benchmark.goal ?? ""];
  });
  const failures = runs.flatMap(({ benchmark, result }) => ("error" in result ? [`${benchmark.name} failed:`, result.error, ""] : []));
  return [
    table([["benchmark", "value", "range", "pairs", "times", "backend", "goal"], ...rows]),
    "",
    ...failures,
    `${machine.cpu}, ${machine.cores} cores, ${machine.memory} GiB, ${machine.system}`,
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
  ].join("\n");
}

/** @param {readonly (readonly string[])[]} rows */
function table(rows) {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (/** @type {readonly string[]} */ row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
  return rows.map((row) => line(row).trimEnd()).join("\n");
}

/** @param {number} value */
function number(value) {
  return Number(value.toPrecision(3)).toString();
}

/** @param {number} seconds */
function time(seconds) {
  return seconds < 1 ? `${number(seconds * 1000)} ms` : `${number(seconds)} s`;
}
