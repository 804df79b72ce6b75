import { describeBackend } from "@lethe/conformance";
import { here } from "./here.ts";
import { parityMethods } from "./methods.ts";
import { keepReport } from "./report.ts";

// Where LETHE_TFJS_NODE names a tfjs-node, as tooling/libtensorflow makes one.
describeBackend({ backend: "tensorflow", methods: parityMethods, onReport: keepReport, ...here("tensorflow") });
