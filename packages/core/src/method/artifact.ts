import { identifyDataset } from "../data/index.ts";
import { LetheError } from "../errors/index.ts";
import { decodeSafetensors, encodeSafetensors, jsonObjectOf } from "../io/index.ts";
import type { HostTree } from "../tree/index.ts";
import type { Json } from "./json.ts";
import type { TrainedProblem } from "./problem.ts";

/** What `prepare` or a recorder left for later requests. It belongs to one model and one data set, and says which. */
export interface Artifact {
  /** Id of the method that made it. */
  readonly method: string;
  /** Version of the method's own layout of `tensors` and `metadata`. */
  readonly version: number;
  /** `Model.hash()` of the model it belongs to. */
  readonly model: string;
  /** The data it stands for: `identifyDataset(data)`, and the number of samples. */
  readonly data: { readonly identity: string; readonly size: number };
  readonly tensors: HostTree;
  readonly metadata: { readonly [key: string]: Json };
}

const format = "lethe-artifact-1";

/** Safetensors with everything but the tensors in its metadata. */
export function encodeArtifact({ tensors, ...rest }: Artifact): Uint8Array {
  return encodeSafetensors(tensors, { format, artifact: JSON.stringify(rest) });
}

/** @throws LetheError `artifact/not-an-artifact`, or what decoding safetensors throws. */
export function decodeArtifact(bytes: Uint8Array, source = "the artifact"): Artifact {
  const { tensors, metadata } = decodeSafetensors(bytes, source);
  if (metadata["format"] !== format) {
    throw new LetheError(
      "artifact/not-an-artifact",
      `${source} was not written by Lethe's prepare (or by another version of it); prepare it again.`,
      { source },
    );
  }
  const rest = jsonObjectOf(metadata["artifact"]);
  const complete = rest !== undefined && ["method", "version", "model", "data", "metadata"].every((field) => field in rest);
  if (!complete) throw new LetheError("artifact/not-an-artifact", `${source} is a damaged artifact; prepare it again.`, { source });
  return { ...(rest as unknown as Omit<Artifact, "tensors">), tensors };
}

/**
 * Refuses an artifact of another method, model or data set. A request that comes with the forget set alone, D being gone, cannot be checked
 * against the data's identity; its size must then be smaller than what the artifact was made from.
 *
 * @throws LetheError `artifact/other-method`, `artifact/other-model`, `artifact/other-data`.
 */
export async function expectArtifactFits(artifact: Artifact, methodId: string, problem: TrainedProblem): Promise<void> {
  if (artifact.method !== methodId) {
    throw new LetheError("artifact/other-method", `The artifact was prepared for ${artifact.method}, not for ${methodId}.`, {
      artifact: artifact.method,
    });
  }
  const model = await problem.model.hash();
  if (artifact.model !== model) {
    throw new LetheError("artifact/other-model", "The artifact belongs to another model (or to this one before its last change); prepare it again.", {
      artifact: artifact.model,
      model,
    });
  }
  if (problem.data.size < artifact.data.size) return;
  const data = await identifyDataset(problem.data);
  if (artifact.data.identity !== data) {
    throw new LetheError("artifact/other-data", "The artifact was prepared from other data; prepare it again.", {
      artifact: artifact.data.identity,
      data,
    });
  }
}
