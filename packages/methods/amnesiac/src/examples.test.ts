import * as core from "@lethe/core";
import { describeMethodExamples } from "@lethe/vitest/method-examples";
import * as tf from "@tensorflow/tfjs";
import * as logged from "./index.ts";
import * as relabel from "./relabel/index.ts";
import * as subtraction from "./subtraction.ts";

describeMethodExamples(import.meta.url, { tf, core, method: { ...logged, ...relabel, ...subtraction } });
