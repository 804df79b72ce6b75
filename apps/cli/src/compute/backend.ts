import * as tf from "@tensorflow/tfjs";
import { chooseBackend, type BackendName, type ChosenBackend } from "@lethe/backends";
import { choice } from "../command-line/options.ts";

export const backendNames = ["tensorflow", "webgpu", "wasm", "cpu"] as const satisfies readonly BackendName[];

export const backendOption = {
  backend: choice({ choices: backendNames, help: "where to compute; default: the fastest that works here" }),
};

/** To be called before the first tensor is made. */
export async function openBackend(name: BackendName | undefined): Promise<ChosenBackend> {
  // The cpu backend would advertise tfjs-node on stderr; doctor says the same where it helps.
  tf.enableProdMode();
  return chooseBackend(name === undefined ? {} : { name });
}
