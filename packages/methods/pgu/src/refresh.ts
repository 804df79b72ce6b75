import {
  createContext,
  createTrainedProblem,
  expectArtifactFits,
  LetheError,
  Model,
  prepare,
  type ConfiguredMethod,
  type Cost,
  type PrepareRequest,
} from "@lethe/core";
import { storedMoments, type PguArtifact } from "./artifact.ts";
import { driftOf, type Drift } from "./drift.ts";
import { tauOf, type PguOptions } from "./options.ts";

export interface RefreshRequest extends Omit<PrepareRequest, "method"> {
  /** What the last request left. */
  readonly artifact: PguArtifact;
  readonly method: ConfiguredMethod<PguOptions, PguArtifact>;
}

export interface Refreshed {
  /** For the next request, in place of the one given. */
  readonly artifact: PguArtifact;
  /** By kernel. */
  readonly drift: Readonly<Record<string, Drift>>;
  readonly cost: Cost;
}

/**
 * Prepares again, while what remains of D is there, and says how far the stored statistics had drifted: the model has moved since they were gathered,
 * and with it the inputs of every layer but the first.
 *
 * @throws LetheError `artifact/other-model`, `artifact/other-data` where model and data are not those that the artifact is for, and what preparing throws.
 * @example
 * const method = pgu({ stop: "epochs", epochs: 2 });
 * const { artifact } = await prepare({ model: network, data, method });
 * const { drift } = await refresh({ model: network, data, method, artifact });
 * Object.values(drift)[0].distance; // 0
 */
export async function refresh(request: RefreshRequest): Promise<Refreshed> {
  const { artifact: stored, data } = request;
  const { method, options } = request.method;
  const model = request.model instanceof Model ? request.model : new Model(request.model);
  await expectArtifactFits(stored, method.id, createTrainedProblem({ ...request, model }));
  if (data.size < stored.data.size) {
    throw new LetheError("artifact/other-data", "Gathering the statistics again takes all the data that remains, and some of it is missing.", {
      artifact: stored.data.size,
      data: data.size,
    });
  }
  const prepared = await prepare({ ...request, model });
  const artifact = prepared.artifact as PguArtifact;
  const { pause } = createContext(request);
  const drift: Record<string, Drift> = {};
  for (const [kernel, { layer, dimension }] of Object.entries(artifact.metadata.layers)) {
    const tau = tauOf(options, kernel, layer);
    drift[kernel] = await driftOf(storedMoments(stored, kernel), storedMoments(artifact, kernel), dimension, tau, options.rankRule, pause);
  }
  return { artifact, drift, cost: prepared.cost };
}
