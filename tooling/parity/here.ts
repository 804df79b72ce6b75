import { chooseBackend, type BackendName } from "@lethe/backends";
import type { BackendDescription } from "@lethe/conformance";
import { measureCases, type Measurement } from "@lethe/conformance/parity";
import { isLetheError } from "@lethe/core";

/** Both sides in this process, one after the other: `chooseBackend` would not switch under a tensor that is alive. */
export function here(backend: BackendName): Pick<BackendDescription, "measure" | "measureReference"> {
  let onCpu: Promise<readonly Measurement[]> | undefined;
  const measureReference: BackendDescription["measureReference"] = (cases) => {
    // The suite of cpu itself compares what it has with float64, and need not measure twice.
    onCpu ??= chooseBackend({ name: "cpu" }).then(() => measureCases(cases));
    return onCpu;
  };
  return {
    measureReference,
    async measure(cases) {
      if (backend === "cpu") return measureReference(cases);
      try {
        await chooseBackend({ name: backend });
      } catch (error) {
        if (isLetheError(error) && error.code === "backend/unavailable") return { skipped: error.message };
        throw error;
      }
      return measureCases(cases);
    },
  };
}
