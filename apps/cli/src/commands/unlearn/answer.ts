import { encodeNetwork, onlyIds, readForget } from "@lethe/bench";
import { relative, resolve } from "node:path";
import {
  LetheError,
  Model,
  createContext,
  unlearn,
  type Artifact,
  type Context,
  type Dataset,
  type ForgetSelection,
  type Json,
  type UnlearnResult,
} from "@lethe/core";
import type { ChosenBackend } from "@lethe/backends";
import type { Values } from "../../command-line/options.ts";
import { modelAccuracy } from "../../compute/accuracy.ts";
import type { ChosenMethod } from "../../methods/option.ts";
import { findArtifact, loadArtifact } from "../../runs/artifacts.ts";
import { saveRun } from "../../runs/folder.ts";
import type { RunManifest, UnlearningRequest } from "../../runs/manifest.ts";
import type { OpenRun } from "../../runs/open.ts";
import type { Session } from "../../session.ts";
import { versions } from "../../versions.ts";
import type { unlearnOptions } from "../unlearn.ts";

export interface Request {
  readonly run: OpenRun;
  readonly chosen: ChosenMethod;
  readonly backend: ChosenBackend;
  readonly given: Values<typeof unlearnOptions>;
  /** Where the result goes. */
  readonly folder: string;
}

export interface Answer {
  readonly method: ChosenMethod;
  readonly selection: ForgetSelection;
  readonly result: Omit<UnlearnResult, "model" | "artifact">;
  /** Undefined where nothing changed, and so nothing was saved. */
  readonly manifest: RunManifest | undefined;
  readonly artifact: "earlier" | "made now" | "none";
  readonly accuracy: { readonly before: Accuracies; readonly after: Accuracies };
  readonly classNames: readonly string[];
}

export interface Accuracies {
  readonly forget: number | null;
  readonly test: number | null;
}

/**
 * Answers one request and saves the result.
 *
 * @throws LetheError `result/diverged`, `result/non-finite` where the method gave no usable model, and what unlearning and saving throw.
 */
export async function answer(request: Request, session: Session): Promise<Answer> {
  const { run, chosen, given } = request;
  const { signal, cwd } = session.environment;
  const selection = await readForget(given.forget, run.remaining, cwd);
  expectNotForgottenYet(selection, run.manifest);
  const artifact = given.artifact === undefined ? await findArtifact(run.folder, chosen.method.id) : await loadArtifact(resolve(cwd, given.artifact));
  const {
    model: network,
    artifact: next,
    ...result
  } = await unlearn({
    model: run.model,
    data: run.remaining,
    recipe: run.recipe,
    forget: selection,
    method: chosen.configured,
    artifact,
    seed: given.seed,
    signal,
    onProgress: session.progress.report,
  });
  try {
    expectUsable(result);
    const forget = onlyIds(run.remaining, result.forgotten, "the forget set");
    const context = createContext({ signal, onProgress: session.progress.report });
    const measure = (model: Model) => accuracies(model, forget, run.data.test, context);
    const model = new Model(network);
    const accuracy = { before: await measure(run.model), after: await measure(model) };
    const manifest = result.status === "no-effect" ? undefined : await save(request, model, { selection, result, artifact: next });
    const origin = artifact !== undefined ? "earlier" : result.preparation !== undefined ? "made now" : "none";
    return { method: chosen, selection, result, manifest, artifact: origin, accuracy, classNames: run.data.train.classNames ?? [] };
  } finally {
    network.dispose();
  }
}

function expectNotForgottenYet(selection: ForgetSelection, { forgotten }: RunManifest): void {
  if (!Array.isArray(selection)) return;
  const gone = new Set(forgotten);
  const again = selection.find((id) => gone.has(id));
  if (again === undefined) return;
  throw new LetheError("forget/already-forgotten", `The sample ${again} has been forgotten already, by an earlier request; leave it out.`, {
    id: again,
  });
}

function expectUsable({ status, message, report, cost }: Answer["result"]): void {
  if (status !== "diverged" && status !== "non-finite") return;
  throw new LetheError(`result/${status}`, `${message.replace(/\.$/, "")}; nothing was saved.`, { status, report, cost });
}

async function accuracies(model: Model, forget: Dataset, test: Dataset | undefined, context: Context): Promise<Accuracies> {
  return { forget: await modelAccuracy(model, forget, context), test: await modelAccuracy(model, test, context) };
}

interface Changed {
  readonly selection: ForgetSelection;
  readonly result: Answer["result"];
  readonly artifact: Artifact | undefined;
}

async function save({ run, chosen, backend, given, folder }: Request, model: Model, { selection, result, artifact }: Changed): Promise<RunManifest> {
  const { forgotten, status, message, report, cost, preparation } = result;
  const entry: UnlearningRequest = {
    method: chosen.method.id,
    options: chosen.configured.options as Json,
    seed: given.seed ?? 0,
    selection: "class" in selection ? { class: selection.class } : "random" in selection ? { random: selection.random } : { ids: selection.length },
    forgotten: [...forgotten],
    status,
    message,
    report,
    cost,
    preparation: preparation ?? null,
    from: await run.model.hash(),
    source: relative(folder, run.folder),
    at: new Date().toISOString(),
  };
  const manifest: RunManifest = {
    ...run.manifest,
    backend: backend.name,
    versions: { ...versions(backend), ...(chosen.version === undefined ? {} : { [chosen.source]: chosen.version }) },
    weights: await model.hash(),
    forgotten: [...run.manifest.forgotten, ...forgotten],
    lineage: [...run.manifest.lineage, entry],
  };
  await saveRun(folder, { model: await encodeNetwork(model.network), manifest, artifact });
  return manifest;
}
