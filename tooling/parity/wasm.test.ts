import { describeBackend } from "@lethe/conformance";
import { here } from "./here.ts";
import { parityMethods } from "./methods.ts";
import { keepReport } from "./report.ts";

describeBackend({ backend: "wasm", methods: parityMethods, onReport: keepReport, ...here("wasm") });
