/**
 * Experiments: which methods forget what, how well, at which cost, with seeds, retrained oracles and everything needed to make each number again.
 * `results/` says what an experiment finds out, as plain JSON.
 */
export { attackNames, attackTitles, recordsOfAttack, type AttackName } from "./audits/attack-names.ts";
export type { AuditAttack, AuditBudget, AuditLock, AuditResult } from "./results/audit-result.ts";
export type { ExperimentResults, RunFailure } from "./results/experiment-results.ts";
export type { ForgetKind, RecipeLock } from "./results/recipe-lock.ts";
export type { ByModel, CurvePoints, Histogram, LayerChange, ResultDetails, RunResult, SearchSummary, SetHistograms } from "./results/run-result.ts";

export { dataSource, loadData, onlyIds, sourceHelp, withoutIds, type DataSource, type LoadedData } from "./data/source.ts";
export { readForget } from "./data/forget.ts";
export { forgetKindSchema } from "./data/forget-kind-schema.ts";
export { markedBy } from "./data/marked.ts";
export { recordedSource } from "./data/recorded-source.ts";
export { treatmentOf, type Treatment } from "./data/treated.ts";
export { classesSchema, poisonSchema, validationSchema } from "./data/treatment-schema.ts";
export { labelsOf, logitsOf, readingBatch, setsOf, type Sets } from "./data/sets.ts";
export { decodeNetwork, encodeNetwork } from "./network/files.ts";
export { buildNetwork, startingModel, usualBuilder } from "./network/network.ts";
export { defaultRecipe, recipeWith } from "./recipes/defaults.ts";
export { normaliseRecipe, recipeSchema } from "./recipes/schema.ts";
export { readTrainingFile, type TrainingFile } from "./recipes/training-file.ts";

export type { LoadedMethod, LoadMethod, PreparedResult, TrainedResult, TrainJob, UnlearnedResult } from "./jobs/job.ts";
export { recorderOf, tryRecording } from "./jobs/recorder.ts";
export { contentsOf, copyContents, type Contents } from "./store/contents.ts";
export { jointProgress } from "./jobs/joint-progress.ts";
export { serveJobs } from "./jobs/serve.ts";
export { startWorkers } from "./jobs/start-workers.ts";
export type { Watch, Workers, WorkersRequest } from "./jobs/workers.ts";

export { readExperiment, type Experiment } from "./experiment/experiment.ts";
export { runExperiment, type Estimate, type ExperimentRequest } from "./run/run-experiment.ts";
export { packageVersions } from "./run/package-versions.ts";
export type { Progressing, Stage } from "./run/stages.ts";
export { finishResults, loadResults, readManifest, readResult, saveResult, type ResultsManifest } from "./results/folder.ts";

export { summarise } from "./summary/summarise.ts";
export type { MetricSummary, RowSummary, ScenarioSummary, Summary } from "./summary/summary.ts";
export { encodeCsv } from "./table/csv.ts";
export { encodeParquet } from "./table/parquet.ts";
export { tableOf } from "./table/table.ts";
export { compareResults, type ComparedText, type CompareOptions, type Comparison } from "./replay/compare-results.ts";
export type { LockDifference } from "./replay/lock-differences.ts";
export { compareAudits } from "./replay/compare-audits.ts";
export { replayAudit } from "./replay/replay-audit.ts";
export { replayResult, type Replay } from "./replay/replay-result.ts";
export type { ReplayRequest } from "./replay/workshop.ts";
export type { ComparedNumber, ReplayVerdict } from "./replay/verdict.ts";
export { verifyFolder, type FileVerdict, type Verification, type VerifiedFile } from "./verify/verify-folder.ts";
export { htmlReport } from "./report/html-report.ts";
export { markdownReport } from "./report/markdown-report.ts";
