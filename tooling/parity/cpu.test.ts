import { describeBackend } from "@lethe/conformance";
import { here } from "./here.ts";
import { parityMethods } from "./methods.ts";
import { keepReport } from "./report.ts";

describeBackend({ backend: "cpu", methods: parityMethods, onReport: keepReport, ...here("cpu") });
