import {
  trajectoryRecorder,
  type Artifact,
  type ContentStorage,
  type Context,
  type Dataset,
  type TrainingRecorder,
  type Trajectory,
} from "@lethe/core";
import { artifactFor, expectBlockwise, metadataOf } from "./recorded.ts";

/**
 * Watches a block-wise training, and leaves a snapshot after each block in the storage, of parameters, buffers and what the optimiser remembers.
 *
 * @param onFinish told of the artifact, before the training returns it.
 */
export function recordBlocks(storage: ContentStorage, context: Context, onFinish: (artifact: Artifact) => void): TrainingRecorder<Artifact> {
  let watching: { readonly data: Dataset; readonly recorder: TrainingRecorder<Trajectory> } | undefined;
  return {
    async begin(start) {
      expectBlockwise(start.recipe);
      watching = { data: start.data, recorder: trajectoryRecorder({ storage, every: "blocks", metadata: metadataOf(start.recipe) }) };
      await watching.recorder.begin(start);
    },
    step: async (step) => watching!.recorder.step(step),
    async finish(weights) {
      const trajectory = await watching!.recorder.finish(weights);
      context.meter.store(trajectory.bytes);
      const artifact = await artifactFor(trajectory, weights, watching!.data, null);
      onFinish(artifact);
      return artifact;
    },
    cancel: async () => watching?.recorder.cancel?.(),
  };
}
