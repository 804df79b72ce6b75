import { hashWeights, Model, subset, unlearn, type Artifact } from "@lethe/core";
import type { AnyMethod } from "@lethe/core";
import { behaviourLaw, demand } from "../law.ts";
import { disposeOutcome, prepareOn, unlearnOn } from "../run.ts";
import type { Stage } from "../stage.ts";

/** Everything but a method that works on the retained samples themselves. */
const answersWithoutD = ({ needs }: AnyMethod["method"]): boolean => needs.retain !== "samples";

export const readsNoRetained = behaviourLaw(
  "reads no retained sample during a request unless it says that it needs them",
  async (stage) => {
    const forgotten = new Set(stage.problem.forget.ids);
    const foreign = (await idsRead(stage)).find((id) => !forgotten.has(id));
    demand(foreign === undefined, `the retained sample ${String(foreign)} was read, but needs.retain says ${stage.method.needs.retain}.`);
  },
  answersWithoutD,
);

/** A method that needs the retained samples may well leave the others alone: retraining does. Any other learns only here what to forget. */
export const readsForget = behaviourLaw(
  "reads what is to be forgotten, unless it works on the retained samples",
  async (stage) => {
    const forgotten = new Set(stage.problem.forget.ids);
    demand(
      (await idsRead(stage)).some((id) => forgotten.has(id)),
      "no sample of the forget set was read, so the request cannot have made a difference.",
    );
  },
  answersWithoutD,
);

export const survivesLossOfD = behaviourLaw(
  "gives the same result when all that is left of the data is the forget set",
  async (stage) => {
    const artifact = await prepareOn(stage);
    if (artifact === undefined) return;
    const { ids } = stage.problem.forget;
    const positions = ids.map((id) => stage.data.ids.indexOf(id));
    const whole = await resultHash(stage, artifact, stage.data);
    const rest = await resultHash(stage, artifact, subset(stage.data, positions));
    demand(whole === rest, "without the retained data the same artifact and request gave another result; take the size of D from the artifact.");
  },
  answersWithoutD,
);

async function idsRead(stage: Stage): Promise<readonly string[]> {
  const artifact = await prepareOn(stage);
  stage.reads.calls.length = 0;
  disposeOutcome(await unlearnOn(stage, artifact));
  return stage.reads.calls.flat();
}

async function resultHash({ network, configured, problem, recipe }: Stage, artifact: Artifact, data: Stage["data"]): Promise<string> {
  const { model } = await unlearn({ model: network, data, forget: problem.forget.ids, method: configured, artifact, recipe, seed: 1 });
  try {
    return await hashWeights(new Model(model).weights);
  } finally {
    model.dispose();
  }
}
