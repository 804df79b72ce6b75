import { encodeArtifact, LetheError } from "@lethe/core";
import { decodeJson, encodeJson } from "../store/encode.ts";
import { recordFacts } from "./facts.ts";
import type { Keeper } from "./keeper.ts";
import type { Making, PrepareRequest } from "./model-cache.ts";
import { following, prepareStage, type Prepared } from "./preparation.ts";
import { artifactName, resultName } from "./stored-model.ts";
import type { RecordedResult } from "../jobs/job.ts";

/**
 * Trains the original once more, watched by the method's recorder. What that leaves belongs to the original only if both have the same weights, bit for bit; so the
 * original itself can be shared by all methods.
 *
 * @throws LetheError `method/recorded-other-model`, `method/no-recorder`, and what the recorder throws.
 */
export async function record(
  { workers, store, cwd }: Making,
  { keep }: Keeper,
  { problem, original, method, stage }: PrepareRequest,
): Promise<Prepared> {
  const facts = recordFacts(original.facts, method);
  type Summary = Pick<RecordedResult, "cost" | "weights">;
  const { cost, weights } = await keep<Summary>({
    stage: prepareStage(stage),
    facts,
    async make(watch, folder) {
      const { without, seed } = original.request;
      const { artifact, ...rest } = await workers.run<"record">(
        {
          kind: "record",
          phase: stage,
          data: problem.data.source,
          model: problem.architecture,
          without,
          recipe: problem.recipe(seed),
          method: method.name,
          settings: method.settings,
          seed: `${seed}/record`,
          cwd,
          folder,
        },
        watch,
      );
      return { [artifactName]: encodeArtifact(artifact), [resultName]: encodeJson(rest satisfies Summary) };
    },
    read: (files) => decodeJson(files, resultName),
  });
  if (weights === original.weights) return { cost, ...following(store, facts) };
  const sentence = `${method.name} watched another training than that of the original: with its recorder, the same recipe and seed led to other weights. Either the recorder disturbs the training, or the backend does not repeat a training bit for bit; try another --backend.`;
  throw new LetheError("method/recorded-other-model", sentence, { method: method.name, original: original.weights, recorded: weights });
}
