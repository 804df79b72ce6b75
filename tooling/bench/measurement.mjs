// @ts-check

/** @typedef {import("./benchmarks.mjs").Measurement} Measurement */

/**
 * What a benchmark gave, in one form. Anything that is not a finite number is a failure of the benchmark, not a measurement.
 *
 * @param {number | Measurement | import("./pairs.mjs").PairRatio} given
 * @returns {Measurement}
 */
export function asMeasurement(given) {
  const measurement = typeof given === "number" ? { value: given } : "ratio" in given ? { value: given.ratio, ...without(given, "ratio") } : given;
  if (!Number.isFinite(measurement.value)) throw new Error(`The benchmark gave ${measurement.value}, which is no measurement.`);
  return measurement;
}

/** @template {object} T @template {keyof T} K @param {T} object @param {K} key @returns {Omit<T, K>} */
function without(object, key) {
  const { [key]: _, ...rest } = object;
  return rest;
}
