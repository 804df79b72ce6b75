import { openWorkers } from "../../jobs/workers.ts";
import { labelsOf, logitsOf, markedBy, setsOf } from "@lethe/bench";
import { LetheError, Model, createContext } from "@lethe/core";
import type { BackendName } from "@lethe/backends";
import { evaluate, type Evaluation } from "@lethe/metrics";
import type { Values } from "../../command-line/options.ts";
import { UsageError } from "../../command-line/usage-error.ts";
import { gatherOracles, type Oracle } from "../../evaluation/oracles.ts";
import type { RunManifest } from "../../runs/manifest.ts";
import type { OpenRun } from "../../runs/open.ts";
import type { Session } from "../../session.ts";
import type { evaluateOptions } from "../evaluate.ts";

export interface Case {
  readonly run: OpenRun;
  readonly original: OpenRun;
  readonly backend: BackendName;
  readonly cache: string;
  readonly given: Values<typeof evaluateOptions>;
}

export interface Judgement {
  readonly evaluation: Evaluation;
  readonly manifest: RunManifest;
  readonly original: string;
  readonly oracles: readonly { readonly folder: string; readonly seconds: number }[];
  readonly classNames: readonly string[];
}

/** Retrains what is missing, lets every model speak, and compares. */
export async function judge({ run, original, backend, cache, given }: Case, session: Session): Promise<Judgement> {
  const { signal, cwd } = session.environment;
  const { manifest, data } = run;
  const recipe = original.recipe ?? run.recipe;
  if (data.test === undefined) {
    throw new UsageError("cli/missing-option", `${data.source.train} has no test samples of its own; add --test.`, { option: "test" });
  }
  if (recipe === undefined) {
    const sentence = `Nobody said how ${original.folder} was trained, so it cannot be retrained for comparison; add --recipe.`;
    throw new LetheError("method/needs-recipe", sentence, { path: original.folder });
  }
  const count = given.oracles ?? 3;
  const workers = openWorkers({ backend, jobs: count, signal, count: given.workers });
  let oracles: readonly Oracle[] = [];
  try {
    const setting = { manifest: original.manifest, recipe, model: original.model, forgotten: manifest.forgotten, backend, cache };
    oracles = await gatherOracles(setting, count, { cwd, workers, report: session.progress.report });
    const context = createContext({ signal, onProgress: session.progress.report });
    const { poisoned, triggered } = data;
    const sets = { ...setsOf(data.train, data.test, manifest.forgotten), ...(triggered === undefined ? {} : { triggered }) };
    const speak = (model: Model) => logitsOf(model, sets, context);
    const spoken = [];
    for (const oracle of oracles) spoken.push(await speak(new Model(oracle.network)));
    const evaluation = evaluate({
      labels: labelsOf(sets),
      original: await speak(original.model),
      unlearned: await speak(run.model),
      oracles: spoken,
      forgottenClasses: classesOf(manifest),
      ...(poisoned === undefined ? {} : { marked: markedBy(poisoned, sets.forget) }),
      seed: given.seed ?? 0,
    });
    const kept = oracles.map(({ folder, seconds }) => ({ folder, seconds }));
    return { evaluation, manifest, original: original.folder, oracles: kept, classNames: data.train.classNames ?? [] };
  } finally {
    for (const { network } of oracles) network.dispose();
    await workers.close();
  }
}

/** The classes that were forgotten as wholes, where nothing else was forgotten. */
function classesOf({ lineage }: RunManifest): readonly number[] {
  const classes = lineage.flatMap(({ selection }) => ("class" in selection ? [selection.class] : []));
  return classes.length === lineage.length ? classes : [];
}
