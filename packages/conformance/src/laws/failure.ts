import * as tf from "@tensorflow/tfjs";
import { hashWeights, isFiniteTree, isLetheError, toHost, type Artifact, type Outcome, type OutcomeStatus, type Weights } from "@lethe/core";
import { spoiled } from "../altered-data.ts";
import { behaviourLaw, demand, describeError } from "../law.ts";
import { disposeOutcome, prepareOn, unlearnOn, withOutcome } from "../run.ts";
import { problemsOn, type Problems, type Stage } from "../stage.ts";

const statuses: ReadonlySet<OutcomeStatus> = new Set(["completed", "stopped-early", "no-effect", "diverged", "non-finite", "budget-reached"]);
const statusesOfNoChange: ReadonlySet<OutcomeStatus> = new Set(["no-effect", "diverged", "non-finite"]);

export const refusesBadData = behaviourLaw(
  "answers samples that are not finite with an error or a status, never with a wrecked model",
  async (stage) => {
    const artifact = await prepareOn(stage);
    for (const part of ["forget", "retain"] as const) {
      const what = `with a NaN in a sample of ${part === "forget" ? "the forget set" : "the retained data"}`;
      const damaged = problemsOn(stage, spoiled(stage.data, stage.problem[part].ids[0]));
      const prepared = await orError(what, () => prepareOn(stage, {}, damaged));
      demand(prepared === undefined || isFiniteTree(prepared.tensors), `${what}, prepare returned an artifact that is not finite.`);
      await demandSoundAnswer(stage, what, artifact, damaged);
    }
  },
);

export const refusesBadWeights = behaviourLaw(
  "answers weights that are not finite with an error or a status, never as if all were well",
  async (stage) => {
    const artifact = await prepareOn(stage);
    const [name, parameter] = Object.entries(stage.model.parameters)[0];
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      tf.tidy(() => (parameter as tf.Variable).assign(tf.fill(parameter.shape, value)));
      await demandSoundAnswer(stage, `with ${name} full of ${value}`, artifact, stage);
    }
  },
);

export const describesOutcome = behaviourLaw("returns a known status, a sentence, a report that survives JSON and a cost", (stage) =>
  withOutcome(stage, async ({ status, message, report, cost }) => {
    demand(statuses.has(status), `the status is ${JSON.stringify(status)}; known are ${[...statuses].join(", ")}.`);
    demand(typeof message === "string" && message.trim().length > 0, "the message is empty.");
    const json = JSON.stringify(report);
    demand(json?.startsWith("{") && hasOnlyJson(report), `the report ${json} holds what JSON cannot (NaN, undefined, typed arrays, functions).`);
    for (const name of ["samplesForward", "samplesBackward", "hessianVectorProducts", "bytesStored", "seconds"] as const) {
      demand(Number.isFinite(cost[name]) && cost[name] >= 0, `cost.${name} is ${String(cost[name])}; return context.meter.read().`);
    }
  }),
);

export const speaksTruth = behaviourLaw("changes no weight if its status says that nothing changed", (stage) =>
  withOutcome(stage, (outcome) => demandUnchangedIfSaid(stage, "", outcome)),
);

/** An error with a code, or an outcome whose weights are finite or, with a status that says so, those from before. */
async function demandSoundAnswer(stage: Stage, what: string, artifact: Artifact | undefined, problems: Problems): Promise<void> {
  const tensors = tf.memory().numTensors;
  const outcome = await orError(what, () => unlearnOn(stage, artifact, {}, problems));
  if (outcome) {
    try {
      const sound = statusesOfNoChange.has(outcome.status) || (await isFinite(outcome.weights));
      demand(sound, `${what}, the result holds weights that are not finite under the status ${outcome.status}.`);
      await demandUnchangedIfSaid(stage, `${what}, `, outcome);
    } finally {
      disposeOutcome(outcome);
    }
  }
  const left = tf.memory().numTensors - tensors;
  demand(left === 0, `${what}, ${left} tensors are left behind.`);
}

async function demandUnchangedIfSaid(stage: Stage, what: string, { status, weights }: Outcome<unknown>): Promise<void> {
  if (!statusesOfNoChange.has(status)) return;
  demand(
    (await hashWeights(weights)) === (await stage.model.hash()),
    `${what}the status is ${status}, but weights changed; return unchangedWeights(model).`,
  );
}

/** The result, or nothing after an error that a caller can tell by its code. */
async function orError<Result>(what: string, body: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await body();
  } catch (error) {
    demand(isLetheError(error), `${what}, it threw ${describeError(error)}; throw a LetheError or return a status.`);
    return undefined;
  }
}

async function isFinite({ parameters, buffers }: Weights): Promise<boolean> {
  return isFiniteTree(await toHost(parameters)) && isFiniteTree(await toHost(buffers));
}

function hasOnlyJson(value: unknown): boolean {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(hasOnlyJson);
  return typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(hasOnlyJson);
}
