import {
  createRandom,
  decodeArtifact,
  encodeArtifact,
  hashWeights,
  identifyDataset,
  isLetheError,
  unlearn,
  type AnyMethod,
  type Artifact,
  type Dataset,
} from "@lethe/core";
import type * as tf from "@tensorflow/tfjs";
import { behaviourLaw, demand, describeError } from "../law.ts";
import { disposeOutcome, prepareOn, unlearnOn } from "../run.ts";
import type { Stage } from "../stage.ts";

const leavesArtifacts = (method: AnyMethod["method"]): boolean => method.prepare !== undefined || method.needs.trace === "required";

export const artifactNamesOwner = behaviourLaw(
  "makes artifacts that name their method, model and data, and are refused by any other",
  async (stage) => {
    const artifact = await artifactOf(stage);
    const expected = {
      method: stage.method.id,
      model: await stage.model.hash(),
      identity: await identifyDataset(stage.data),
      size: stage.data.size,
    };
    const actual = { method: artifact.method, model: artifact.model, ...artifact.data };
    for (const name of ["method", "model", "identity", "size"] as const) {
      demand(actual[name] === expected[name], `the artifact says ${name} ${actual[name]} where ${expected[name]} is right.`);
    }
    demand(
      Number.isInteger(artifact.version) && artifact.version >= 1,
      `the artifact's version is ${String(artifact.version)}; count layouts from 1.`,
    );
    const stranger = stage.model.initialise(createRandom("stranger"));
    try {
      await demandRefusal("artifact/other-model", { ...stage, network: stranger.network }, artifact);
    } finally {
      stranger.dispose();
    }
    await demandRefusal("artifact/other-data", { ...stage, data: renamed(stage.data) }, artifact);
  },
  leavesArtifacts,
);

export const artifactSurvivesSaving = behaviourLaw(
  "gives the same result with an artifact that was saved and loaded",
  async (stage) => {
    const artifact = await artifactOf(stage);
    const loaded = decodeArtifact(encodeArtifact(artifact));
    demand(
      (await weightsAfter(stage, artifact)) === (await weightsAfter(stage, loaded)),
      "the loaded artifact gave other weights; keep everything in tensors and metadata.",
    );
  },
  leavesArtifacts,
);

async function artifactOf(stage: Stage): Promise<Artifact> {
  const artifact = await prepareOn(stage);
  demand(artifact !== undefined, "prepare returned nothing; leave prepare out of a method that needs none.");
  return artifact;
}

async function weightsAfter(stage: Stage, artifact: Artifact): Promise<string> {
  const outcome = await unlearnOn(stage, artifact);
  try {
    return await hashWeights(outcome.weights);
  } finally {
    disposeOutcome(outcome);
  }
}

async function demandRefusal(code: string, { network, data, request, configured, recipe }: Stage, artifact: Artifact): Promise<void> {
  let result: tf.LayersModel;
  try {
    ({ model: result } = await unlearn({ model: network, data, forget: selectionOn(data, request), method: configured, artifact, recipe }));
  } catch (error) {
    demand(isLetheError(error) && error.code === code, `it threw ${describeError(error)} where ${code} is expected.`);
    return;
  }
  result.dispose();
  demand(false, `an artifact that ought to be refused with ${code} was accepted.`);
}

/** Ids of the stage's request do not exist in renamed data; positions do. */
function selectionOn(data: Dataset, request: Stage["request"]): Stage["request"] {
  return "class" in request || "random" in request ? request : [data.ids[0]];
}

/** The same samples under other ids: another data set as far as requests go. */
function renamed(data: Dataset): Dataset {
  return { ...data, ids: data.ids.map((id) => `other-${id}`) };
}
