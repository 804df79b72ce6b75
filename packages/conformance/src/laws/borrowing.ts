import * as tf from "@tensorflow/tfjs";
import { encodeArtifact, hashDataset, sha256, type Artifact } from "@lethe/core";
import { behaviourLaw, demand } from "../law.ts";
import { disposeOutcome, prepareOn, unlearnOn, withOutcome } from "../run.ts";
import type { Stage } from "../stage.ts";

export const borrows = behaviourLaw("leaves the model, the data, the recipe, its options and its artifact as they were", async (stage) => {
  const before = await fingerprint(stage);
  const artifact = await prepareOn(stage);
  demandSame(before, await fingerprint(stage), "prepare");
  const prepared = await fingerprint(stage, artifact);
  disposeOutcome(await unlearnOn(stage, artifact));
  demandSame(prepared, await fingerprint(stage, artifact), "unlearn");
});

export const leavesGlobals = behaviourLaw("leaves Math.random and the backend as they were", async (stage) => {
  const random = Math.random;
  const backend = tf.getBackend();
  try {
    await withOutcome(stage, async () => {
      demand(Math.random === random, "Math.random was replaced and not restored.");
      demand(tf.getBackend() === backend, `the backend was ${backend} and is now ${tf.getBackend()}.`);
    });
  } finally {
    Math.random = random;
    await tf.setBackend(backend);
  }
});

export const handsOver = behaviourLaw("hands over weights that are the caller's to dispose", async (stage) => {
  const own = new Set<tf.Tensor>([...Object.values(stage.model.parameters), ...Object.values(stage.model.buffers)]);
  const before = await stage.model.hash();
  await withOutcome(stage, async ({ weights }) => {
    const handed = [...Object.values(weights.parameters), ...Object.values(weights.buffers)];
    demand(
      handed.every((tensor) => !own.has(tensor)),
      "a tensor of the result is the model's own; return a copy (unchangedWeights), or disposing the result would destroy the model.",
    );
    demand(
      handed.every((tensor) => !tensor.isDisposed),
      "a tensor of the result is already disposed.",
    );
    demand(new Set(handed).size === handed.length, "the same tensor stands under two names of the result.");
  });
  demand((await stage.model.hash()) === before, "disposing the result changed the model.");
});

export const leavesNoTensor = behaviourLaw("leaves no tensor behind but the result", async (stage) => {
  const start = tf.memory().numTensors;
  const artifact = await prepareOn(stage);
  const prepared = tf.memory().numTensors;
  demand(prepared === start, `prepare leaves ${prepared - start} more tensors than there were.`);
  disposeOutcome(await unlearnOn(stage, artifact));
  const end = tf.memory().numTensors;
  demand(end === start, `once the result is disposed, unlearn leaves ${end - start} more tensors than there were.`);
});

export const keepsShapes = behaviourLaw("keeps the names, order, shapes and element types of the weights", (stage) =>
  withOutcome(stage, async ({ weights }) => {
    for (const group of ["parameters", "buffers"] as const) {
      const expected = stage.model[group];
      const actual = weights[group];
      const names = Object.keys(actual);
      demand(
        names.join() === Object.keys(expected).join(),
        `the ${group} are named ${names.join(", ")} where the model has ${Object.keys(expected).join(", ")}.`,
      );
      for (const [name, tensor] of Object.entries(actual)) {
        const { shape, dtype } = expected[name];
        demand(
          tensor.dtype === dtype && tensor.shape.join() === shape.join(),
          `${name} became ${tensor.dtype} [${tensor.shape.join(", ")}] where the model has ${dtype} [${shape.join(", ")}].`,
        );
      }
    }
  }),
);

/** Everything that is lent to a method, as strings to be compared. */
async function fingerprint({ model, network, data, configured, recipe }: Stage, artifact?: Artifact): Promise<Readonly<Record<string, string>>> {
  return {
    "the model's weights": await model.hash(),
    "the model's layers": JSON.stringify(network.toJSON(undefined, false)),
    "the data": await hashDataset(data),
    "the options": JSON.stringify(configured.options),
    "the recipe": JSON.stringify(recipe) ?? "",
    "the artifact": artifact ? await sha256(encodeArtifact(artifact)) : "",
  };
}

function demandSame(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>, where: string): void {
  for (const [what, value] of Object.entries(after)) demand(before[what] === value, `${where} changed ${what}.`);
}
