import { configure, LetheError, type Artifact, type ConfiguredMethod, type ContentStorage, type Context, type UnlearningMethod } from "@lethe/core";
import { answer } from "./answer.ts";
import { optionsSchema, searchSpace, type AmnesiacInput, type AmnesiacOptions } from "./options.ts";
import { openRecorded } from "./recorded.ts";
import { recordUpdates } from "./recording.ts";

/**
 * Amnesiac unlearning by logged updates: training keeps the change of the parameters in each step b whose batch holds a sensitive sample, and a request
 * takes back those of the batches that held a forgotten one:
 *
 *     Delta_b = theta_b - theta_(b-1)
 *     theta'  = theta - sum over b with batch(b) and D_f not disjoint of Delta_b
 *
 * summed in float64 in the order of the steps and rounded once; then, if asked for, `repairEpochs` of training on D_r. The updates that were subtracted are
 * destroyed; those of a repair are logged like the training's.
 *
 * The logged differences are exact. Where all steps are taken back, theta_0 comes out; of one step bit for bit, unless a weight grew more than 2^28 times.
 *
 * Approximate, without a bound: the steps after b were taken from where b had led, and stay. Under momentum or Adam what a sample did to a step goes on in
 * the following ones, which are not taken back: with momentum 0.9 nine tenths of it. What other samples of the batch taught goes with it. Every sample is
 * in one batch of each epoch, so that k samples take up to k times epochs steps with them, soon most of the model: the report gives the share of the steps, and
 * how far the model was moved. Batch-norm statistics are means over batches, from which no single one can be taken; they stay, unless a repair moves them.
 *
 * It needs `context.storage`, for training as for requests.
 *
 * @throws LetheError `amnesiac/no-storage`, `amnesiac/other-log`, `amnesiac/not-sensitive`, and what the log, the storage and a repair throw; its recorder
 * `amnesiac/unknown-id`, `amnesiac/unknown-column`, `amnesiac/nothing-sensitive`, `amnesiac/other-run`, `amnesiac/not-recorded`, `amnesiac/incomplete`.
 * @see https://arxiv.org/abs/2010.10981
 */
export const amnesiacMethod: UnlearningMethod<AmnesiacOptions, Artifact> = {
  contract: 1,
  id: "amnesiac",
  title: "Amnesiac unlearning: logged updates, subtracted",
  citation: {
    authors: "Graves, Nagisetty, Ganesh",
    title: "Amnesiac Machine Learning",
    venue: "AAAI",
    year: 2021,
    url: "https://arxiv.org/abs/2010.10981",
  },
  guarantee: "approximate",
  needs: { retain: "samples", labels: "required", trace: "required", recipe: "not-needed", layers: "any" },
  scenarios: ["random", "poisoned"],
  options: optionsSchema,
  searchSpace,

  recorderOptions: ["sensitive"],
  record: ({ sensitive }, context) => recordUpdates(storageOf(context), sensitive, context),

  async unlearn(problem, artifact, options, context) {
    const log = await openRecorded(artifact, storageOf(context));
    return answer({ problem, artifact, log, options, context });
  },
};

/**
 * @throws LetheError `options/invalid`.
 * @example
 * const storage = memoryStorage(); // or await folderStorage("updates")
 * const method = amnesiac({ sensitive: ["a3", "a7"] });
 * const recorder = method.method.record(method.options, createContext({ storage }));
 * const start = new Model(network);
 * const { weights, artifact } = await train({ model: start, data, recipe, context: createContext(), recorder });
 * const trained = start.copy(weights).network;
 * const { report } = await unlearn({ model: trained, data, forget: ["a3"], method, artifact, storage });
 * report.updatesSubtracted; // 1
 * report.stepShare; // 0.25
 */
export function amnesiac(options: AmnesiacInput = {}): ConfiguredMethod<AmnesiacOptions, Artifact> {
  return configure(amnesiacMethod, options);
}

function storageOf({ storage }: Context): ContentStorage {
  if (storage !== undefined) return storage;
  const sentence =
    "There is no storage for the updates of the training; train with createContext({ storage }) and give the same storage to every request.";
  throw new LetheError("amnesiac/no-storage", sentence);
}
