import * as tf from "@tensorflow/tfjs";
import { createContext, type ContentStorage, type Context, type Cost, type Pool, type Progress } from "./context/index.ts";
import { selectForget, type Dataset, type ForgetSelection } from "./data/index.ts";
import { LetheError } from "./errors/index.ts";
import {
  createProblem,
  createTrainedProblem,
  expectArtifactFits,
  type AnyMethod,
  type Artifact,
  type Json,
  type OutcomeStatus,
  type Problem,
  type TrainedProblem,
} from "./method/index.ts";
import { Model, type LossName } from "./model/index.ts";
import type { Recipe } from "./train/index.ts";
import { createRandom } from "./random/index.ts";
import { cloneTree, isFiniteTree, toHost, type TensorTree } from "./tree/index.ts";

export interface PrepareRequest {
  /** Any classifier; borrowed, never changed. */
  readonly model: tf.LayersModel | Model;
  /** What it was trained on. */
  readonly data: Dataset;
  /** E.g. `ssd({ alpha: 10 })`. */
  readonly method: AnyMethod;
  readonly validation?: Dataset | undefined;
  readonly recipe?: Recipe | undefined;
  /** Default: the one that goes with the model's ending. */
  readonly loss?: LossName | undefined;
  readonly seed?: number | string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Where the method keeps what is too large for an artifact: the storage that its recorder was given. */
  readonly storage?: ContentStorage | undefined;
  /** Threads for the passes over data: `createWasmPool()` of `@lethe/backends/pool`. The caller's to close. */
  readonly pool?: Pool | undefined;
}

export interface UnlearnRequest extends PrepareRequest {
  readonly forget: ForgetSelection;
  /** What `prepare`, a recorder, or the previous request left. Without it, preparation is part of the request. */
  readonly artifact?: Artifact | undefined;
}

export interface UnlearnResult {
  /** A new network of the same architecture; the caller's. */
  readonly model: tf.LayersModel;
  readonly status: OutcomeStatus;
  readonly message: string;
  /** For the next request, which starts from `model` and the data without `forgotten`. */
  readonly artifact: Artifact | undefined;
  readonly report: { readonly [key: string]: Json };
  /** Ids. */
  readonly forgotten: readonly string[];
  readonly cost: Cost;
  /** Cost of preparing, where this request had to. */
  readonly preparation: Cost | undefined;
}

/**
 * Does what the method does once per trained model, ahead of any request.
 *
 * @returns the artifact, or `undefined` for a method that prepares nothing.
 */
export async function prepare(request: PrepareRequest): Promise<{ artifact: Artifact | undefined; cost: Cost }> {
  expectConfigured(request.method);
  const context = createContext(request);
  const problem = createTrainedProblem({ ...request, model: asModel(request.model) });
  expectNeeds(problem, request.method.method);
  await problem.model.expectFinite();
  const artifact = await prepareWithin(problem, request.method, context);
  return { artifact, cost: context.meter.read() };
}

/**
 * Makes a trained model forget samples.
 *
 * The given model is left as it is; the result holds a new one. Interrupting by `signal`, an error, or a result that is not finite all leave
 * the caller with the model as it was.
 *
 * @throws LetheError with the codes of the rooms it passes through: `forget/...`, `data/...`, `model/...`, `problem/...`, `artifact/...`,
 * `run/aborted`, `method/...`.
 * @example
 * const { model, status } = await unlearn({ model: network, data, forget: { class: 3 }, method: ssd() });
 */
export async function unlearn(request: UnlearnRequest): Promise<UnlearnResult> {
  const { method } = request;
  expectConfigured(method);
  const model = asModel(request.model);
  const trained = createTrainedProblem({ ...request, model });
  expectNeeds(trained, method.method);
  await model.expectFinite();
  const problem = createProblem(trained, selectForget(trained.data, request.forget, createRandom(request.seed ?? 0)));
  expectSomethingRetained(problem, request);
  const forgotten = problem.forget.ids;
  if (forgotten.length === 0) {
    const cost = createContext().meter.read();
    const message = "The forget set is empty, so nothing was changed.";
    return {
      model: model.copy().network,
      status: "no-effect",
      message,
      artifact: request.artifact,
      report: {},
      forgotten,
      cost,
      preparation: undefined,
    };
  }
  let artifact: Artifact | undefined = request.artifact;
  let preparation: Cost | undefined;
  if (artifact) await expectArtifactFits(artifact, method.method.id, trained);
  else if (method.method.needs.trace === "required") throw missingTrace(method);
  else if (method.method.prepare) {
    const context = createContext(request);
    artifact = await prepareWithin(trained, method, context);
    preparation = context.meter.read();
  }
  const context = createContext(request);
  const outcome = await method.method.unlearn(problem, artifact, method.options, context);
  const { weights } = outcome;
  // A method that hands out the model's own tensors must not have them disposed for it.
  const borrowed = new Set<unknown>([...Object.values(model.parameters), ...Object.values(model.buffers)]);
  try {
    expectSameTree(method.method.id, model.weights.parameters, weights.parameters);
    expectSameTree(method.method.id, model.weights.buffers, weights.buffers);
    const finite = isFiniteTree({ ...(await toHost(weights.parameters)), ...(await toHost(weights.buffers)) });
    return {
      model: model.copy(finite ? weights : model.weights).network,
      status: finite ? outcome.status : "non-finite",
      message: finite ? outcome.message : `${method.method.id} produced weights that are not finite; the model is unchanged. Try milder options.`,
      artifact: (finite ? outcome.artifact : artifact) ?? undefined,
      report: outcome.report,
      forgotten,
      cost: outcome.cost,
      preparation,
    };
  } finally {
    for (const tree of [weights.parameters, weights.buffers]) for (const tensor of Object.values(tree)) if (!borrowed.has(tensor)) tensor.dispose();
  }
}

function expectSameTree(id: string, expected: TensorTree, actual: TensorTree): void {
  const describe = (tree: TensorTree) => Object.entries(tree).map(([name, { shape, dtype }]) => `${name} ${dtype} [${shape.join(", ")}]`);
  const wanted = describe(expected);
  const odd = describe(actual).find((each) => !wanted.includes(each)) ?? wanted.find((each) => !describe(actual).includes(each));
  if (odd === undefined) return;
  throw new LetheError("method/bad-outcome", `${id} returned weights that are not those of the model (${odd}); report it to the method's author.`, {
    odd,
  });
}

function expectConfigured(method: unknown): void {
  if (typeof method === "object" && method !== null && "method" in method) return;
  throw new LetheError("method/not-configured", "The method is not configured; call its factory, e.g. method: ssd().");
}

function asModel(model: tf.LayersModel | Model): Model {
  return model instanceof Model ? model : new Model(model);
}

async function prepareWithin(problem: TrainedProblem, { method, options }: AnyMethod, context: Context): Promise<Artifact | undefined> {
  return (await method.prepare?.(problem, options, context)) ?? undefined;
}

function expectNeeds(problem: TrainedProblem, method: AnyMethod["method"]): void {
  const { layers } = method.needs;
  if (layers === "any") return;
  const foreign = problem.model.layers.find((layer) => Object.keys(layer.parameters).length > 0 && !layers.includes(layer.kind));
  if (foreign === undefined) return;
  throw new LetheError(
    "method/layer-kind",
    `${method.id} cannot work on the layer ${foreign.name} (${foreign.className}); it knows ${layers.join(", ")}.`,
    {
      layer: foreign.name,
    },
  );
}

function expectSomethingRetained({ retain, forget, recipe }: Problem, { method: { method }, artifact }: UnlearnRequest): void {
  if (method.needs.recipe === "required" && recipe === undefined) {
    throw new LetheError("method/needs-recipe", `${method.id} trains again and needs the recipe the model was trained by.`);
  }
  if (retain.size > 0 || forget.size === 0) return;
  // D itself may be gone: then the data given is the forget set alone, and the artifact knows of more.
  if (method.needs.retain !== "samples" && artifact !== undefined && artifact.data.size > forget.size) return;
  throw new LetheError(
    "forget/everything",
    `All ${forget.size} samples are to be forgotten, which leaves nothing to keep; delete the model instead.`,
    {
      size: forget.size,
    },
  );
}

function missingTrace({ method }: AnyMethod): LetheError {
  return new LetheError("method/needs-trace", `${method.id} has to watch training: train with its recorder and pass the artifact it leaves.`);
}

/** Weights equal to the model's, the caller's to dispose: what a method returns when it changed nothing. */
export function unchangedWeights(model: Model): Model["weights"] {
  return { parameters: cloneTree(model.parameters), buffers: cloneTree(model.buffers) };
}
