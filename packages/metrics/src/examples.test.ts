import * as core from "@lethe/core";
import * as tf from "@tensorflow/tfjs";
import { describeExamples } from "@lethe/vitest/examples";
import * as metrics from "./index.ts";

describeExamples({ url: import.meta.url, exports: metrics, scope: () => ({ tf, ...core, ...metrics }) });
