import * as tf from "@tensorflow/tfjs";
import { inspectBackends, type BackendName, type ConsideredBackend } from "@lethe/backends";
import { openBackend } from "../../compute/backend.ts";
import { significant } from "../../terminal/format.ts";
import type { Check } from "./check.ts";
import { gradientCases, gradientError, type GradientCase } from "./gradients.ts";

/** Float32 gives 1e-6 at these sizes; a wrong kernel is off by the size of the values. */
const tolerance = 1e-4;

export async function checkBackend(
  name: BackendName | undefined,
): Promise<{ readonly checks: readonly Check[]; readonly considered: readonly ConsideredBackend[] }> {
  const considered = await inspectBackends();
  let chosen: Awaited<ReturnType<typeof openBackend>>;
  try {
    chosen = await openBackend(name);
  } catch (error) {
    return { considered, checks: [{ name: "backend", verdict: "broken", sentence: error instanceof Error ? error.message : String(error) }] };
  }
  const backend: Check = {
    name: "backend",
    verdict: chosen.name === "cpu" ? "weak" : "fine",
    sentence: backendSentence(chosen.name, chosen.reason),
    figures: { ...chosen.versions },
  };
  return { considered, checks: [backend, ...(await Promise.all(gradientCases().map(checkGradient))), await measureSpeed()] };
}

function backendSentence(name: string, reason: string): string {
  return name === "cpu" ? `${reason} It is slow; install @tensorflow/tfjs-backend-wasm.` : reason;
}

async function checkGradient(gradientCase: GradientCase): Promise<Check> {
  const name = "gradients";
  try {
    const error = await gradientError(gradientCase);
    const right = error < tolerance;
    const sentence = `${gradientCase.name}: ${right ? "agrees with" : "differs from"} the closed form (${error.toExponential(1)} relative)`;
    return { name, verdict: right ? "fine" : "broken", sentence, figures: { error } };
  } catch (error) {
    return { name, verdict: "broken", sentence: `${gradientCase.name}: ${error instanceof Error ? error.message : String(error)}` };
  }
}

const side = 512;

/** Products of two 512 x 512 matrices for a quarter of a second, the first one not counted. */
async function measureSpeed(): Promise<Check> {
  const a = tf.randomUniform([side, side]);
  const b = tf.randomUniform([side, side]);
  const multiply = async () => {
    const product = tf.matMul(a, b);
    await product.data();
    product.dispose();
  };
  await multiply();
  let products = 0;
  const started = performance.now();
  let seconds = 0;
  do {
    await multiply();
    products++;
    seconds = (performance.now() - started) / 1000;
  } while (seconds < 0.25);
  tf.dispose([a, b]);
  const gigaflops = (2 * side ** 3 * products) / seconds / 1e9;
  return { name: "speed", verdict: "fine", sentence: `${significant(gigaflops)} GFLOP/s in matrix products`, figures: { gigaflops } };
}
