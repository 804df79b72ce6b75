import { trajectoryRecorder, type Artifact, type ContentStorage, type Context, type TrainingRecorder, type Trajectory } from "@lethe/core";
import type { DeepObliviateOptions } from "./options.ts";
import { artifactFor, expectBlockwise, metadataOf } from "./recorded.ts";

/**
 * Watches a block-wise training, and leaves a snapshot after each block in the storage, of parameters, buffers and what the optimiser remembers.
 *
 * @param onFinish told of the artifact, before the training returns it.
 */
export function recordBlocks(
  storage: ContentStorage,
  { keepEvery, storedBytes }: Pick<DeepObliviateOptions, "keepEvery" | "storedBytes">,
  context: Context,
  onFinish: (artifact: Artifact) => void,
): TrainingRecorder<Artifact> {
  let recorder: TrainingRecorder<Trajectory> | undefined;
  return {
    async begin(start) {
      expectBlockwise(start.recipe);
      const budget = storedBytes === undefined ? undefined : { bytes: storedBytes };
      recorder = trajectoryRecorder({ storage, every: "blocks", keepEvery, budget, metadata: await metadataOf(start.recipe, start.data) });
      await recorder.begin(start);
    },
    step: async (step) => recorder!.step(step),
    async finish(weights) {
      const trajectory = await recorder!.finish(weights);
      context.meter.store(trajectory.bytes);
      const artifact = await artifactFor(trajectory, weights);
      onFinish(artifact);
      return artifact;
    },
    cancel: async () => recorder?.cancel?.(),
  };
}
