import {
  configure,
  LetheError,
  memoryStorage,
  type Artifact,
  type ConfiguredMethod,
  type ContentStorage,
  type Problem,
  type UnlearningMethod,
} from "@lethe/core";
import { answer } from "./answer.ts";
import { optionsSchema, searchSpace, type DeepObliviateInput, type DeepObliviateOptions } from "./options.ts";
import { openRecorded } from "./recorded.ts";
import { recordBlocks } from "./recording.ts";

/**
 * DeepObliviate: training goes block by block and leaves a snapshot after each, P_0 .. P_B. A request retrains from the snapshot before the first affected
 * block d, without the samples, and stops when what they left behind no longer changes:
 *
 *     Delta_k = || (P_k - P_{k-1}) - (P'_k - P'_{k-1}) ||_1        residual memory of block k
 *     Delta ~ Y(k) = a k^-h + b,   stop where |Y'(k)| < eps
 *     P_final = P'_T + (P_B - P_T)                                 what was retrained and what was not, stitched
 *
 * Then the new snapshots take the place of the old ones, which are destroyed, so that the next request starts from a course without these samples.
 *
 * Approximate: the stitched model differs from block-wise retraining by at most the sum of the residuals after T, which the report extrapolates beside the
 * decision; a flat trend does not make it small. With `threshold: 0` it never stops, and the result is that of training on the retained data by the same
 * recipe, bit for bit on the cpu backend, unless what an earlier request stitched is in the snapshot that it begins from: `report.start` tells, and
 * `report.residueOf` of how many forgotten samples the model may hold something.
 *
 * The sources leave open which blocks, which eps and how detrended fluctuation analysis enters; see the options. Blocks are those of the recipe, drawn by
 * id. Differs from the published rule in that eps is relative to Delta_d unless `scale: "absolute"`.
 *
 * As it stands here it needs `context.storage`, for training as for requests.
 *
 * @throws LetheError `deep-obliviate/no-storage`, `deep-obliviate/not-block-wise` (from the recorder), `deep-obliviate/other-trajectory`,
 * `deep-obliviate/data-missing`, and what training and the trajectory throw.
 * @see https://arxiv.org/abs/2105.06209
 */
export const deepObliviateMethod: UnlearningMethod<DeepObliviateOptions, Artifact> = methodKeeping(undefined);

/**
 * A method of its own, which keeps the snapshots of trainings that it watched without a storage in memory, for as long as it is there itself.
 *
 * @throws LetheError `options/invalid`.
 * @example
 * const storage = memoryStorage(); // or await folderStorage("snapshots")
 * const method = deepObliviate({ threshold: 0.02 });
 * const byBlocks = { ...recipe, order: { kind: "blocks", blocks: 4 } };
 * const recorder = method.method.record(method.options, createContext({ storage }));
 * const start = new Model(network);
 * const { weights, artifact } = await train({ model: start, data, recipe: byBlocks, context: createContext(), recorder });
 * const trained = start.copy(weights).network;
 * const { status } = await unlearn({ model: trained, data, forget: ["a3"], method, artifact, storage });
 * status; // "completed"
 */
export function deepObliviate(options: DeepObliviateInput = {}): ConfiguredMethod<DeepObliviateOptions, Artifact> {
  return configure(methodKeeping(new Map()), options);
}

/** @param inMemory storages of trainings that were watched without one, by the hash of their trajectory; undefined to keep none. */
function methodKeeping(inMemory: Map<string, ContentStorage> | undefined): UnlearningMethod<DeepObliviateOptions, Artifact> {
  return {
    contract: 1,
    id: "deep-obliviate",
    title: "DeepObliviate: retraining from stored snapshots, stopped early and stitched",
    citation: {
      authors: "He, Meng, Chen, He, Hu",
      title: "DeepObliviate: A Powerful Charm for Erasing Data Residual Memory in Deep Neural Networks",
      venue: "arXiv",
      year: 2021,
      url: "https://arxiv.org/abs/2105.06209",
    },
    guarantee: "approximate",
    needs: { retain: "samples", labels: "required", trace: "required", recipe: "not-needed", layers: "any" },
    scenarios: ["random", "class", "sub-class", "poisoned"],
    options: optionsSchema,
    searchSpace,
    recorderOptions: ["keepEvery", "storedBytes"],

    record(options, context) {
      const storage = context.storage ?? (inMemory && memoryStorage());
      if (storage === undefined) throw noStorage();
      return recordBlocks(storage, options, context, (artifact) => {
        if (context.storage === undefined) inMemory?.set(trajectoryOf(artifact), storage);
      });
    },

    async unlearn(problem, artifact, options, context) {
      const storage = context.storage ?? inMemory?.get(trajectoryOf(artifact));
      if (storage === undefined) throw noStorage();
      const trajectory = await openRecorded(artifact, storage);
      expectWholeData(problem, artifact);
      const outcome = await answer({ problem, artifact, trajectory, options, context });
      if (context.storage === undefined) {
        inMemory?.delete(trajectoryOf(artifact));
        inMemory?.set(trajectoryOf(outcome.artifact), storage);
      }
      return outcome;
    },
  };
}

function trajectoryOf({ metadata }: Artifact): string {
  return metadata["trajectory"] as string;
}

function noStorage(): LetheError {
  const sentence =
    "There is no storage for the snapshots of the training, or they were kept in memory and are gone with the method that watched it; train with createContext({ storage }) and give the same storage to every request.";
  return new LetheError("deep-obliviate/no-storage", sentence);
}

function expectWholeData({ retain, forget }: Problem, { data }: Artifact): void {
  const given = retain.size + forget.size;
  if (given === data.size) return;
  const sentence = `The training was on ${data.size} samples and ${given} are given; DeepObliviate trains again on what is kept, pass all of the data.`;
  throw new LetheError("deep-obliviate/data-missing", sentence, { recorded: data.size, given });
}
