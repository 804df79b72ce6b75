import type { Command } from "./command.ts";

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** The code of a command, and TensorFlow.js with it, is loaded when it is run. */
  load(): Promise<Command>;
}

export const commandEntries: readonly CommandEntry[] = [
  {
    name: "demo",
    summary: "train, forget a class and then 100 samples in three ways, compare; about a minute",
    load: async () => (await import("../commands/demo.ts")).demo,
  },
  { name: "data", summary: "list the data sets there are, fetch one, check its files", load: async () => (await import("../commands/data.ts")).data },
  {
    name: "train",
    summary: "train a model and keep what is needed to unlearn it later",
    load: async () => (await import("../commands/train.ts")).train,
  },
  {
    name: "prepare",
    summary: "do what a method does once per model, ahead of requests",
    load: async () => (await import("../commands/prepare.ts")).prepare,
  },
  { name: "unlearn", summary: "make a model forget samples or a class", load: async () => (await import("../commands/unlearn.ts")).unlearn },
  {
    name: "evaluate",
    summary: "compare an unlearned model with models that never saw the samples",
    load: async () => (await import("../commands/evaluate.ts")).evaluate,
  },
  {
    name: "bench",
    summary: "run an experiment: methods, scenarios and seeds, beside retrained models",
    load: async () => (await import("../commands/bench.ts")).bench,
  },
  {
    name: "report",
    summary: "write the report of an experiment's results again",
    load: async () => (await import("../commands/report.ts")).report,
  },
  {
    name: "verify",
    summary: "check that the files of a results or run folder are as they were written",
    load: async () => (await import("../commands/verify.ts")).verify,
  },
  {
    name: "replay",
    summary: "make one result of an experiment again and compare every number",
    load: async () => (await import("../commands/replay.ts")).replay,
  },
  { name: "methods", summary: "list the installed methods and their options", load: async () => (await import("../commands/methods.ts")).methods },
  {
    name: "models",
    summary: "list the architectures that a model can be trained with",
    load: async () => (await import("../commands/models.ts")).models,
  },
  {
    name: "weights",
    summary: "make a model of weights from PyTorch or Keras, or such a file of a model",
    load: async () => (await import("../commands/weights.ts")).weights,
  },
  { name: "doctor", summary: "check this machine: backends, speed, disk", load: async () => (await import("../commands/doctor.ts")).doctor },
];
