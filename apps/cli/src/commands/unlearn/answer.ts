import { encodeNetwork, onlyIds, readForget, type ForgetKind } from "@lethe/bench";
import type { ForgetSet } from "@lethe/datasets";
import { relative, resolve } from "node:path";
import { LetheError, Model, createContext, unlearn, type Artifact, type Context, type Dataset, type Json, type UnlearnResult } from "@lethe/core";
import type { ChosenBackend } from "@lethe/backends";
import type { Values } from "../../command-line/options.ts";
import { modelAccuracy } from "../../compute/accuracy.ts";
import type { ChosenMethod } from "../../methods/option.ts";
import { nameOf } from "../../methods/load.ts";
import { findArtifact, loadArtifact } from "../../runs/artifacts.ts";
import { saveRun } from "../../runs/folder.ts";
import { destroyRecording, listRecording, recordingIn, saveRecordedRun } from "../../runs/recording.ts";
import type { RunManifest, UnlearningRequest } from "../../runs/manifest.ts";
import type { OpenRun } from "../../runs/open.ts";
import type { Session } from "../../session.ts";
import { versions } from "../../versions.ts";
import type { unlearnOptions } from "../unlearn.ts";
import { withRecording, type LentRecording } from "./recording.ts";
import { findTwins, twinNotes, type Twins } from "./twins.ts";

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
  readonly selection: ForgetKind;
  /** What was to be forgotten, in words. */
  readonly words: string;
  /** Undefined where nobody looked for them. */
  readonly twins: Twins | undefined;
  readonly result: Omit<UnlearnResult, "model" | "artifact">;
  /** Undefined where nothing changed, and so nothing was saved. */
  readonly manifest: RunManifest | undefined;
  readonly artifact: "earlier" | "made now" | "none";
  readonly accuracy: { readonly before: Accuracies; readonly after: Accuracies };
  /** Undefined for methods that need no recording. */
  readonly recording?: {
    /** Of the folder that the request began from, from where the user is. */
    readonly path: string;
    /** What has become of it. */
    readonly original: "kept" | "destroyed" | "replaced";
    /** That training again without the samples might take, by the time that training took; null where that is not known. */
    readonly retrainingSeconds: number | null;
  };
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
  return withRecording(request, session.environment, (recording) => answerWith(recording, request, session));
}

async function answerWith(recording: LentRecording | undefined, request: Request, session: Session): Promise<Answer> {
  const { run, chosen, given } = request;
  const { signal, cwd } = session.environment;
  const set = await readForget(given.forget, run.remaining, cwd, run.manifest.forgotten);
  const forget = set.ids(given.seed ?? 0);
  const twins = given["skip-twins"] ? undefined : await findTwins(run, forget, session);
  for (const sentence of twins === undefined ? [] : twinNotes(twins, forget.length)) session.warn(sentence);
  const artifact = given.artifact === undefined ? await findArtifact(run.folder, chosen.method.id) : await loadArtifact(resolve(cwd, given.artifact));
  const {
    model: network,
    artifact: next,
    ...result
  } = await unlearn({
    model: run.model,
    data: run.remaining,
    validation: run.data.validation,
    recipe: run.recipe,
    forget,
    method: chosen.configured,
    artifact,
    seed: given.seed,
    storage: recording?.storage,
    signal,
    onProgress: session.progress.report,
  });
  try {
    expectUsable(result);
    const forgotten = onlyIds(run.remaining, result.forgotten, "the forget set");
    const context = createContext({ signal, onProgress: session.progress.report });
    const measure = (model: Model) => accuracies(model, forgotten, run.data.test, context);
    const model = new Model(network);
    const accuracy = { before: await measure(run.model), after: await measure(model) };
    const manifest = result.status === "no-effect" ? undefined : await save(request, model, { set, result, artifact: next, recording });
    const origin = artifact !== undefined ? "earlier" : result.preparation !== undefined ? "made now" : "none";
    const answered = { method: chosen, selection: set.kind, words: set.words, twins, result, manifest, artifact: origin, accuracy } as const;
    if (recording === undefined) return answered;
    const kept = recordingIn(request.folder, chosen.method.id);
    const isGone = manifest !== undefined && given["destroy-recording"] && kept !== recording.original;
    if (isGone) await destroyRecording(recording.original);
    const original = kept === recording.original && manifest !== undefined ? "replaced" : isGone ? "destroyed" : "kept";
    return { ...answered, recording: { path: relative(cwd, recording.original), original, retrainingSeconds: retrainingSeconds(request) } };
  } finally {
    network.dispose();
  }
}

function expectUsable({ status, message, report, cost }: Answer["result"]): void {
  if (status !== "diverged" && status !== "non-finite") return;
  throw new LetheError(`result/${status}`, `${message.replace(/\.$/, "")}; nothing was saved.`, { status, report, cost });
}

async function accuracies(model: Model, forget: Dataset, test: Dataset | undefined, context: Context): Promise<Accuracies> {
  return { forget: await modelAccuracy(model, forget, context), test: await modelAccuracy(model, test, context) };
}

/** What training the original took, for as many samples as it would be now; null where it was not timed as a whole, or elsewhere. */
function retrainingSeconds({ run: { manifest, remaining }, backend }: Request): number | null {
  const { training, data } = manifest;
  if (training === null || training.resumed > 0 || manifest.backend !== backend.name) return null;
  return (training.cost.seconds * remaining.size) / data.size;
}

interface Changed {
  readonly set: ForgetSet;
  readonly result: Answer["result"];
  readonly artifact: Artifact | undefined;
  readonly recording: LentRecording | undefined;
}

async function save(
  { run, chosen, backend, given, folder }: Request,
  model: Model,
  { set, result, artifact, recording }: Changed,
): Promise<RunManifest> {
  const { forgotten, status, message, report, cost, preparation } = result;
  const entry: UnlearningRequest = {
    method: chosen.method.id,
    options: chosen.configured.options as Json,
    seed: given.seed ?? 0,
    selection: set.kind,
    words: set.words,
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
    // A recording that no method has corrected is of another model, and has the samples in it.
    recorded: recording && {
      method: chosen.method.id,
      name: nameOf(chosen, given.method),
      options: chosen.configured.options as Record<string, Json>,
    },
    forgotten: [...run.manifest.forgotten, ...forgotten],
    lineage: [...run.manifest.lineage, entry],
  };
  const saved = { model: await encodeNetwork(model.network), manifest, artifact };
  if (recording === undefined) await saveRun(folder, saved);
  else {
    const method = chosen.method.id;
    await saveRecordedRun(folder, recording.work, { ...saved, recording: { method, contents: await listRecording(recording.work, method) } });
  }
  return manifest;
}
