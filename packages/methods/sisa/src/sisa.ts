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
import { optionsSchema, type SisaInput, type SisaOptions } from "./options.ts";
import { nameOf, openRecorded } from "./recorded.ts";
import { recordShards } from "./recording.ts";

/**
 * SISA: Sharded, Isolated, Sliced, Aggregated training. The data is split into S shards by the samples' ids; each constituent of a sharded network is
 * trained on its own shard alone, in R stages, stage r on the slices 1 .. r of the shard, with a checkpoint after each. A request trains the affected
 * shards again without the samples, each from the checkpoint before the earliest affected slice; the other shards are not touched. Then the new
 * checkpoints take the place of the old ones, which are destroyed.
 *
 * Exact: the result is what training the same network on the retained data by the same recipe leads to, bit for bit on the cpu backend, because where a
 * sample belongs does not depend on which others there are, and every stage has a random stream of its own. That recipes are chosen before any request,
 * and requests do not depend on the model's weights, is for the user to see to.
 *
 * Differs from the published code in that shards and slices are drawn by id, not cut from the list; that a checkpoint holds what the optimiser remembers,
 * which goes on from stage to stage (there it is lost, and with it exactness for all but plain SGD); and that removed samples leave no gaps in batches.
 *
 * As it stands here it needs `context.storage`, for training as for requests.
 *
 * @throws LetheError `sisa/no-storage`, `sisa/not-sharded`, `sisa/other-run`, `sisa/not-recorded` (from the recorder), `sisa/other-checkpoints`,
 * `sisa/other-assignment`, `sisa/data-missing`, and what training and the trajectory throw.
 * @see https://arxiv.org/abs/1912.03817
 */
export const sisaMethod: UnlearningMethod<SisaOptions, Artifact> = methodKeeping(undefined);

/**
 * A method of its own, which keeps the checkpoints of trainings that it watched without a storage in memory, for as long as it is there itself.
 *
 * @throws LetheError `options/invalid`.
 * @example
 * const storage = memoryStorage(); // or await folderStorage("checkpoints")
 * const method = sisa();
 * const byShards = { ...recipe, epochs: 3, order: { kind: "shards", shards: 2, slices: 3 } };
 * const recorder = method.method.record(method.options, createContext({ storage }));
 * const start = new Model(shardedNetwork(network, byShards.order)).initialise(createRandom(recipe.seed));
 * const { weights, artifact } = await train({ model: start, data, recipe: byShards, context: createContext(), recorder });
 * const trained = start.copy(weights).network;
 * const { status, report } = await unlearn({ model: trained, data, forget: ["a3"], method, artifact, storage });
 * status; // "completed"
 * report.affectedShards.length; // 1
 */
export function sisa(options: SisaInput = {}): ConfiguredMethod<SisaOptions, Artifact> {
  return configure(methodKeeping(new Map()), options);
}

/** @param inMemory storages of trainings that were watched without one, by the name of their checkpoints; undefined to keep none. */
function methodKeeping(inMemory: Map<string, ContentStorage> | undefined): UnlearningMethod<SisaOptions, Artifact> {
  return {
    contract: 1,
    id: "sisa",
    title: "SISA: sharded, isolated, sliced and aggregated training, the affected shards redone",
    citation: {
      authors: "Bourtoule, Chandrasekaran, Choquette-Choo, Jia, Travers, Zhang, Lie, Papernot",
      title: "Machine Unlearning",
      venue: "IEEE Symposium on Security and Privacy",
      year: 2021,
      url: "https://arxiv.org/abs/1912.03817",
    },
    guarantee: "exact",
    needs: { retain: "samples", labels: "required", trace: "required", recipe: "not-needed", layers: "any" },
    scenarios: ["random", "class", "sub-class", "poisoned"],
    options: optionsSchema,

    record(_options, context) {
      const storage = context.storage ?? (inMemory && memoryStorage());
      if (storage === undefined) throw noStorage();
      return recordShards(storage, context, (artifact) => {
        if (context.storage === undefined) inMemory?.set(nameOf(artifact), storage);
      });
    },

    async unlearn(problem, artifact, _options, context) {
      const storage = context.storage ?? inMemory?.get(nameOf(artifact));
      if (storage === undefined) throw noStorage();
      expectWholeData(problem, artifact);
      // What of the model is not trained again is kept as it is.
      await problem.model.expectFinite();
      const recorded = await openRecorded(artifact, storage, problem);
      const outcome = await answer({ problem, artifact, recorded, context });
      if (context.storage === undefined) {
        inMemory?.delete(nameOf(artifact));
        inMemory?.set(nameOf(outcome.artifact), storage);
      }
      return outcome;
    },
  };
}

function noStorage(): LetheError {
  const sentence =
    "There is no storage for the checkpoints of the training, or they were kept in memory and are gone with the method that watched it; train with createContext({ storage }) and give the same storage to every request.";
  return new LetheError("sisa/no-storage", sentence);
}

function expectWholeData({ retain, forget }: Problem, { data }: Artifact): void {
  const given = retain.size + forget.size;
  if (given === data.size) return;
  const sentence = `The training was on ${data.size} samples and ${given} are given; SISA trains again on what is kept, pass all of the data.`;
  throw new LetheError("sisa/data-missing", sentence, { recorded: data.size, given });
}
