import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  dataSource,
  readResult,
  replayAudit,
  replayResult,
  type AuditResult,
  type DataSource,
  type Replay,
  type ReplayRequest,
  type RunResult,
} from "@lethe/bench";
import type { BackendName } from "@lethe/backends";
import type { Values } from "../../command-line/options.ts";
import { UsageError } from "../../command-line/usage-error.ts";
import { backendNames, openBackend } from "../../compute/backend.ts";
import { openWorkers } from "../../jobs/workers.ts";
import { chooseConfigured } from "../../methods/option.ts";
import type { Session } from "../../session.ts";
import { packageVersions } from "../../versions.ts";
import type { replayOptions } from "../replay.ts";
import { stagePicture } from "../bench/stage-picture.ts";

type Given = Values<typeof replayOptions>;

export interface Replayed {
  readonly result: RunResult | AuditResult;
  readonly replay: Replay;
  readonly backend: BackendName;
  readonly seconds: number;
}

/** Makes a result again, with models of its own: those of the experiment would only be compared with themselves. */
export async function runReplay(path: string, given: Given, session: Session): Promise<Replayed> {
  const started = performance.now();
  const { cwd, signal } = session.environment;
  const result = await readResult(resolve(cwd, path));
  const data = dataFrom(given, cwd);
  const backend = await openBackend(given.backend ?? recordedBackend(result));
  const workers = openWorkers({ backend: backend.name, jobs: modelsOf(result), signal, count: given.workers });
  const temporary = given.cache === undefined ? await mkdtemp(join(tmpdir(), "lethe-replay-")) : undefined;
  try {
    const replay = await replayed(result, {
      cache: temporary ?? resolve(cwd, given.cache!),
      workers,
      backend: backend.name,
      versions: packageVersions(backend),
      loadMethod: chooseConfigured,
      cwd,
      data,
      tolerance: given.tolerance,
      onProgress: (progressing) => session.live.show(stagePicture(progressing, session.style)),
    });
    return { result, replay, backend: backend.name, seconds: (performance.now() - started) / 1000 };
  } finally {
    session.clear();
    await workers.close();
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
  }
}

function replayed(result: RunResult | AuditResult, request: Omit<ReplayRequest<unknown>, "result">): Promise<Replay> {
  return result.format === "lethe/audit" ? replayAudit({ ...request, result }) : replayResult({ ...request, result });
}

/** More workers than there are models to train are of no use. */
function modelsOf(result: RunResult | AuditResult): number {
  return result.format === "lethe/audit" ? result.budget.models + result.budget.targets : result.weights.oracles.length + 1;
}

/** Undefined where the lock does not say, which is for the replay to refuse. */
function recordedBackend({ lock }: { readonly lock?: { readonly backend: string } }): BackendName | undefined {
  return backendNames.find((name) => name === lock?.backend);
}

function dataFrom({ data, test }: Given, cwd: string): DataSource | undefined {
  if (data === undefined && test !== undefined) throw new UsageError("cli/missing-option", "--test needs --data beside it.", { option: "data" });
  return data === undefined ? undefined : dataSource(data, test, cwd);
}
