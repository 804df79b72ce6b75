import { chooseBackend, type BackendName, type ConsideredBackend } from "@lethe/backends";
import { measureCases, parityCases, type Measurement } from "@lethe/conformance/parity";
import { isLetheError } from "@lethe/core";
import { parityMethods } from "./methods.ts";

/** What a process or page of its own answers, as JSON. */
export type Answer =
  | {
      readonly measured: readonly Measurement[];
      readonly considered: readonly ConsideredBackend[];
      readonly versions: Readonly<Record<string, string>>;
    }
  | { readonly skipped: string };

/** Sets the backend and runs every case, or says why the backend cannot be set here. */
export async function answer(name: BackendName, onDone?: (done: Measurement) => void): Promise<Answer> {
  try {
    const { considered, versions } = await chooseBackend({ name });
    return { measured: await measureCases(parityCases(parityMethods), onDone), considered, versions };
  } catch (error) {
    if (isLetheError(error) && error.code === "backend/unavailable") return { skipped: error.message };
    throw error;
  }
}
