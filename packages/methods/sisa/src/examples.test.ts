import * as core from "@lethe/core";
import { describeMethodExamples } from "@lethe/vitest/method-examples";
import * as tf from "@tensorflow/tfjs";
import * as method from "./index.ts";

describeMethodExamples(import.meta.url, { tf, core, method });
