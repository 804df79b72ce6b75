import { describeBackend } from "@lethe/conformance";
import { webgpuEnvironment } from "../webgpu/places.mjs";
import { inNode } from "./in-child.ts";
import { parityMethods } from "./methods.ts";
import { keepReport } from "./report.ts";

const otherwise = "The package webgpu is not there; node tooling/webgpu/main.mjs brings it, with a driver in software.";

describeBackend({
  backend: "webgpu",
  name: "webgpu in Node",
  methods: parityMethods,
  onReport: keepReport,
  ...inNode("webgpu", webgpuEnvironment(), otherwise),
});
