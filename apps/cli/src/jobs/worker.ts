import { serveJobs } from "@lethe/bench";
import { chooseConfigured } from "../methods/option.ts";

/** The script of a worker process. */
serveJobs(chooseConfigured);
