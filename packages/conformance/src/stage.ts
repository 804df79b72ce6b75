import * as tf from "@tensorflow/tfjs";
import {
  createContext,
  createProblem,
  createRandom,
  createTrainedProblem,
  memoryStorage,
  Model,
  selectForget,
  type AnyMethod,
  type Artifact,
  type ContentStorage,
  type Dataset,
  type ForgetSelection,
  type Problem,
  type Recipe,
  type TrainedProblem,
} from "@lethe/core";
import { deepFreeze } from "./freeze.ts";
import type { Trial } from "./law.ts";
import { buildNetwork, requestsFor, trainNetwork, type TestProblem } from "./problems/index.ts";
import { watch, type Reads } from "./watched-data.ts";

/** A trained model and its data, with and without a request. */
export interface Problems {
  readonly trained: TrainedProblem;
  readonly problem: Problem;
}

/** A method and a trained problem, set up anew for one law and taken down after it. What a method is lent is frozen where it can be. */
export interface Stage extends Problems {
  readonly configured: AnyMethod;
  readonly method: AnyMethod["method"];
  readonly network: tf.LayersModel;
  readonly model: Model;
  /** D, watched by `reads`. */
  readonly data: Dataset;
  readonly reads: Reads;
  readonly recipe: Recipe | undefined;
  readonly request: ForgetSelection;
  /** A later request, disjoint from the first. */
  readonly secondRequest: ForgetSelection;
  /** What the method's recorder left, where training has to be watched. */
  readonly recorded: Artifact | undefined;
  /** With what the recorder put there. A request may change it, so each is given a copy. */
  readonly storage: ContentStorage;
}

/** @param other data to train on and to unlearn from in place of the problem's own. */
export async function withStage<Result>(trial: Trial, body: (stage: Stage) => Promise<Result>, other?: Dataset): Promise<Result> {
  const configured = trial.configure();
  const { method, options } = configured;
  deepFreeze(options);
  const storage = memoryStorage();
  const recorder = method.needs.trace === "required" ? method.record?.(options, createContext({ storage })) : undefined;
  const original = other ?? trial.problem.data();
  const { network, artifact } =
    other || recorder ? await trainNetwork(trial.problem, original, recorder) : { network: await trainedNetwork(trial.problem), artifact: undefined };
  try {
    const model = new Model(network);
    const recorded = artifact as Artifact | undefined;
    const { data, reads } = watch(original);
    const recipe = trial.problem.trainedBy === "lethe" || method.needs.recipe === "required" ? deepFreeze(trial.problem.recipe) : undefined;
    const [request, secondRequest] = requestsFor(method, data);
    const basis = { configured, method, network, model, data, reads, recipe, request, secondRequest, recorded, storage };
    return await body({ ...basis, ...problemsOn(basis, data) });
  } finally {
    takeDown(network);
  }
}

/** What the recorder left, in a storage of its own. */
export async function copiedStorage({ storage }: Pick<Stage, "storage">): Promise<ContentStorage> {
  const copy = memoryStorage();
  for (const name of await storage.names()) await copy.write(name, await storage.read(name));
  return copy;
}

/** A method that hands out the model's own weights has had them disposed with its result; failing over that would hide what the law found. */
function takeDown(network: tf.LayersModel): void {
  try {
    network.dispose();
  } catch {
    // Some of it is gone already, and nobody needs the rest.
  }
}

/** The stage's model and request, over `data`, which has the same ids. */
export function problemsOn({ model, recipe, data: own, request }: Pick<Stage, "model" | "recipe" | "data" | "request">, data: Dataset): Problems {
  const trained = Object.freeze(createTrainedProblem({ model, data, recipe }));
  // Selected by the stage's own labels, so that altered labels do not change what is to be forgotten.
  const positions = selectForget(own, request, createRandom("forget"));
  return { trained, problem: Object.freeze(createProblem(trained, positions)) };
}

type SavedWeights = readonly { readonly shape: readonly number[]; readonly values: Float32Array }[];
const weightsOf = new WeakMap<TestProblem, SavedWeights>();

/** Training the same network for every law would take most of the time, so its weights are kept. */
async function trainedNetwork(problem: TestProblem): Promise<tf.LayersModel> {
  const saved = weightsOf.get(problem);
  if (saved) {
    const network = buildNetwork(problem);
    tf.tidy(() => network.setWeights(saved.map(({ shape, values }) => tf.tensor(values, [...shape]))));
    return network;
  }
  const { network } = await trainNetwork(problem, problem.data());
  weightsOf.set(
    problem,
    network.getWeights().map((tensor) => ({ shape: tensor.shape, values: Float32Array.from(tensor.dataSync()) })),
  );
  return network;
}
