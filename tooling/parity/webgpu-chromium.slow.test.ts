import { describeBackend } from "@lethe/conformance";
import { inChromium } from "./in-child.ts";
import { parityMethods } from "./methods.ts";
import { keepReport } from "./report.ts";

describeBackend({ backend: "webgpu", name: "webgpu in Chromium", methods: parityMethods, onReport: keepReport, ...inChromium() });
