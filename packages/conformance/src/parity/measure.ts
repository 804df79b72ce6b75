import * as tf from "@tensorflow/tfjs";
import { describeError } from "../law.ts";
import { convolutionCases } from "./convolutions.ts";
import { fisherCases, secondDerivativeCases } from "./curvature.ts";
import { elementwiseCases } from "./elementwise.ts";
import { gradientCases } from "./gradients.ts";
import { kernelCases } from "./kernels.ts";
import { parityGroups, type Numbers, type ParityCase } from "./parity-case.ts";
import { productCases } from "./products.ts";
import { requestCases, type ParityMethod } from "./requests.ts";
import { trainingCases } from "./training.ts";

/** What a backend made of one case; plain JSON, so that it can come from another process or a browser. */
export interface Measurement {
  readonly name: string;
  readonly group: ParityCase["group"];
  /** NaN and infinities do not survive JSON: null. */
  readonly results?: Readonly<Record<string, { readonly shape: readonly number[]; readonly values: readonly (number | null)[] }>>;
  /** What kept it from an answer. */
  readonly failure?: string;
  /** Tensors that were left behind. */
  readonly leaked: number;
  readonly seconds: number;
}

/**
 * All cases, by group.
 *
 * @example
 * const cases = parityCases([]);
 * cases.length > 150; // true
 */
export function parityCases(methods: readonly ParityMethod[]): readonly ParityCase[] {
  const cases = [
    ...elementwiseCases,
    ...productCases,
    ...convolutionCases,
    ...kernelCases,
    ...gradientCases,
    ...secondDerivativeCases,
    ...fisherCases,
    ...trainingCases,
    ...requestCases(methods),
  ];
  return parityGroups.flatMap((group) => cases.filter((each) => each.group === group));
}

/**
 * Runs cases on the backend that is set, one after the other. A case that throws does not stop the others.
 *
 * @param onDone called after each, e.g. to show progress
 */
export async function measureCases(cases: readonly ParityCase[], onDone?: (done: Measurement) => void): Promise<readonly Measurement[]> {
  const measured: Measurement[] = [];
  for (const each of cases) {
    const done = await measureCase(each);
    measured.push(done);
    onDone?.(done);
  }
  return measured;
}

async function measureCase({ group, name, compute }: ParityCase): Promise<Measurement> {
  const before = tf.memory().numTensors;
  const started = performance.now();
  const ending = await compute().then(
    (results) => ({ results: Object.fromEntries(Object.entries(results).map(([key, numbers]) => [key, asJson(numbers)])) }),
    (error: unknown) => ({ failure: describeError(error) }),
  );
  // tfjs leaves what an interrupted computation held.
  const leaked = "failure" in ending ? 0 : tf.memory().numTensors - before;
  return { group, name, ...ending, leaked, seconds: (performance.now() - started) / 1000 };
}

function asJson({ shape, values }: Numbers) {
  return { shape: [...shape], values: Array.from(values, (value) => (Number.isFinite(value) ? value : null)) };
}
