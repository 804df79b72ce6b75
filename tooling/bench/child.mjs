// @ts-check
// Runs the benchmark that its argument names and sends the measurement to main.mjs. One process each: a process has one backend.
import * as tf from "@tensorflow/tfjs";
import { benchmarks } from "./benchmarks.mjs";
import { asMeasurement } from "./measurement.mjs";

process.on("disconnect", () => process.exit(1));
const benchmark = benchmarks.find(({ name }) => name === process.argv[2]);
if (!benchmark) throw new Error(`No benchmark is called ${process.argv[2]}.`);
const measurement = asMeasurement(await benchmark.run());
process.send?.({ ...measurement, backend: tf.getBackend() }, () => process.exit(0));
