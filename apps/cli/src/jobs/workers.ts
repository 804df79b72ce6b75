import { startWorkers, type Workers, type WorkersRequest } from "@lethe/bench";
import { chooseConfigured } from "../methods/option.ts";

/** Workers that find methods as this command line does. Under a test runner there is no worker.js, and all is done in one process. */
export function openWorkers({ entry = new URL("./worker.js", import.meta.url), ...request }: Omit<WorkersRequest, "loadMethod">): Workers {
  return startWorkers({ ...request, entry, loadMethod: chooseConfigured });
}
