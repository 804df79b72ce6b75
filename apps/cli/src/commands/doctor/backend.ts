import { adapterName, inspectBackends, type BackendName, type ChosenBackend, type ConsideredBackend } from "@lethe/backends";
import { openBackend } from "../../compute/backend.ts";
import { bytes } from "../../terminal/format.ts";
import type { Check } from "./check.ts";
import { goldenCases, goldenError, quantities, type Quantity } from "./golden.ts";
import { measureSpeeds, type Speed } from "./speed.ts";

/** Float32 gives 1e-6 at these sizes; a wrong kernel is off by the size of the values. */
const tolerance = 1e-4;

export interface BackendFindings {
  readonly checks: readonly Check[];
  readonly considered: readonly ConsideredBackend[];
  readonly speeds: readonly Speed[];
  /** What would make it faster. */
  readonly advice: readonly string[];
}

export async function checkBackend(name: BackendName | undefined): Promise<BackendFindings> {
  const considered = await inspectBackends();
  let chosen: ChosenBackend;
  try {
    chosen = await openBackend(name);
  } catch (error) {
    const sentence = error instanceof Error ? error.message : String(error);
    return { considered, checks: [{ name: "backend", verdict: "broken", sentence }], speeds: [], advice: [] };
  }
  const checks = [describeChoice(chosen), ...adapterChecks(chosen)];
  for (const quantity of quantities) checks.push(await checkQuantity(quantity));
  const speeds = checks.some(({ verdict }) => verdict === "broken") ? [] : await measureSpeeds();
  return { considered, checks, speeds, advice: adviceFor(chosen, considered) };
}

function describeChoice({ name, reason, versions }: ChosenBackend): Check {
  const found = Object.entries(versions).map(([part, version]) => `${part} ${version}`);
  return {
    name: "backend",
    verdict: name === "cpu" ? "weak" : "fine",
    sentence: `${reason} Versions: ${found.join(", ")}.`,
    figures: { name, ...versions },
  };
}

function adapterChecks({ name, considered }: ChosenBackend): Check[] {
  const adapter = considered.find((each) => each.name === name)?.adapter;
  if (adapter === undefined) return [];
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  const emulated = adapter.kind === "software" ? ", emulated in software: right, but slower than wasm" : "";
  const sentence = `${adapterName(adapter)}${emulated}; tensors of up to ${bytes(Math.min(maxBufferSize, maxStorageBufferBindingSize))}`;
  return [{ name: "adapter", verdict: adapter.kind === "software" ? "weak" : "fine", sentence, figures: { ...adapter.limits, kind: adapter.kind } }];
}

/** One quantity of every golden network. */
async function checkQuantity(quantity: Quantity): Promise<Check> {
  try {
    let error = 0;
    for (const golden of goldenCases()) {
      const own = await goldenError(golden, quantity);
      if (own >= tolerance) {
        const sentence = `${golden.name}: differs from float64 (${own.toExponential(1)} relative); do not use this backend.`;
        return { name: quantity, verdict: "broken", sentence, figures: { error: own } };
      }
      error = Math.max(error, own);
    }
    const sentence = `a dense layer and a convolution agree with float64 (${error.toExponential(1)} relative)`;
    return { name: quantity, verdict: "fine", sentence, figures: { error } };
  } catch (error) {
    return { name: quantity, verdict: "broken", sentence: error instanceof Error ? error.message : String(error) };
  }
}

/** How to get each backend that is faster than the chosen one. */
function adviceFor({ name }: ChosenBackend, considered: readonly ConsideredBackend[]): readonly string[] {
  const faster = considered.slice(
    0,
    considered.findIndex((each) => each.name === name),
  );
  return faster.filter(({ available, discouraged }) => !available || discouraged).map(({ name: missing, remedy }) => `${missing}: ${remedy}`);
}
