import { hashWeights, identifyDataset, LetheError, type Artifact, type ContentStorage, type Dataset, type Weights } from "@lethe/core";
import { openLog, type UpdateLog } from "./update-log.ts";

/** The artifact that stands for a log; the updates themselves stay where they are. */
export async function artifactFor(log: UpdateLog, weights: Weights, data: Dataset): Promise<Artifact> {
  return {
    method: "amnesiac",
    version: 1,
    model: await hashWeights(weights),
    data: { identity: await identifyDataset(data), size: data.size },
    tensors: {},
    metadata: { log: await log.hash(), updates: log.updates.length, bytes: log.bytes },
  };
}

/**
 * The log that an artifact speaks of.
 *
 * @throws LetheError `amnesiac/other-log`, and what opening throws.
 */
export async function openRecorded(artifact: Artifact, storage: ContentStorage): Promise<UpdateLog> {
  const log = await openLog(storage);
  if ((await log.hash()) === artifact.metadata["log"]) return log;
  const sentence =
    "The storage holds another log than the artifact speaks of; give the storage that belongs to it or, if a request was answered since, the artifact and the model that this one left.";
  throw new LetheError("amnesiac/other-log", sentence, { artifact: artifact.metadata["log"] });
}
