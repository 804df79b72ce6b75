import { mean } from "../statistics/moments.ts";
import { utilityLost } from "../verdict/utility-guard.ts";
import type { Flag } from "./flags.ts";
import type { Models } from "./judge.ts";
import { retainedTestAccuracy, setAccuracy } from "./metrics/accuracy.ts";
import type { Measurement } from "./metric.ts";
import type { ModelOutputs } from "./outputs.ts";
import type { Setting } from "./setting.ts";

interface Part {
  readonly metric: string;
  readonly title: string;
  readonly labels: Int32Array;
  accuracy(model: ModelOutputs): Measurement | null;
}

/** The flag `utility-lost`, raised when the guard trips on the retain set or on the test samples of retained classes. */
export function utilityFlags(model: ModelOutputs, { original, oracles }: Models, setting: Setting): Flag[] {
  const parts: readonly Part[] = [
    { metric: "retain-accuracy", title: "retain accuracy", labels: setting.labels.retain, accuracy: (outputs) => setAccuracy(outputs, "retain") },
    {
      metric: setting.forgottenClasses.length === 0 ? "test-accuracy" : "test-accuracy-retained-classes",
      title: "test accuracy",
      labels: setting.labels.test.filter((label) => !setting.forgottenClasses.includes(label)),
      accuracy: (outputs) => retainedTestAccuracy(outputs, setting),
    },
  ];
  const references = oracles.length > 0 ? oracles : [original];
  const lost = parts.flatMap((part) => {
    const accuracy = part.accuracy(model)?.value;
    const reference = mean(references.flatMap((outputs) => part.accuracy(outputs)?.value ?? []));
    const majority = majorityShare(part.labels, setting.classCount);
    // On samples of a single class, guessing is always right and says nothing.
    if (accuracy === undefined || reference === null || majority === 1) return [];
    return utilityLost({ accuracy, reference, majority }) ? [{ ...part, accuracy, reference, majority }] : [];
  });
  if (lost.length === 0) return [];
  const places = lost.map(({ title, accuracy, reference, majority }) => {
    return `${title} ${percent(accuracy)} where the reference has ${percent(reference)} and guessing ${percent(majority)}`;
  });
  return [{ code: "utility-lost", sentence: `The model has lost its use: ${places.join("; ")}.`, metrics: lost.map(({ metric }) => metric) }];
}

function majorityShare(labels: Int32Array, classCount: number): number {
  const counts = new Float64Array(classCount);
  for (const label of labels) counts[label]++;
  return Math.max(...counts) / labels.length;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}
