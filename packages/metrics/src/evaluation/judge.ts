import { mean, standardDeviation } from "../statistics/moments.ts";
import { oracleBand } from "../verdict/band.ts";
import { verdictOf } from "../verdict/verdict.ts";
import type { Measurement, Metric } from "./metric.ts";
import type { ModelOutputs } from "./outputs.ts";
import type { MetricResult } from "./report.ts";
import type { Setting } from "./setting.ts";

export interface Models {
  readonly original: ModelOutputs;
  readonly oracles: readonly ModelOutputs[];
}

/** Judges any model by one metric; the originals' and the oracles' values are computed once, for all models that are judged. */
export function createJudge(metric: Metric, { original, oracles }: Models, setting: Setting): (model: ModelOutputs) => MetricResult {
  const measured = oracles.map((oracle) => measure(metric, oracle, without(oracles, oracle), setting)).filter((measurement) => measurement !== null);
  const values = measured.map(({ value }) => value);
  const resolution = mean(measured.map((measurement) => measurement.resolution));
  const band = cut(oracleBand(values, resolution ?? 0, metric.kind === "model" ? "independent" : "leave-one-out"), metric.range);
  const average = mean(values);
  const common = {
    name: metric.name,
    version: metric.version,
    title: metric.title,
    recipe: metric.recipe,
    unit: metric.unit,
    original: measure(metric, original, oracles, setting)?.value ?? null,
    oracles: { values, mean: average, standardDeviation: standardDeviation(values), count: values.length },
    band,
    resolution,
    target: average,
    direction: metric.direction,
  };
  return (model) => {
    const measurement = measure(metric, model, oracles, setting);
    const value = measurement?.value ?? null;
    return { ...common, value, toEachOracle: measurement?.toEach ?? null, verdict: verdictOf(value, band, metric.sides) };
  };
}

function measure(metric: Metric, model: ModelOutputs, references: readonly ModelOutputs[], setting: Setting): Measurement | null {
  if (metric.kind === "model") return metric.measure(model, setting);
  return references.length === 0 ? null : metric.measure(model, references, setting);
}

function without(oracles: readonly ModelOutputs[], oracle: ModelOutputs): ModelOutputs[] {
  return oracles.filter((other) => other !== oracle);
}

function cut(band: MetricResult["band"], [smallest, largest]: readonly [number, number]): MetricResult["band"] {
  return band && { lower: Math.max(smallest, band.lower), upper: Math.min(largest, band.upper) };
}
