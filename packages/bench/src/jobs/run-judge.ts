import { Model, collectLogits, createContext, createRandom, type Dataset, type HostTensor } from "@lethe/core";
import { evaluate, standardMetrics, type SetLogits } from "@lethe/metrics";
import { markedBy } from "../data/marked.ts";
import { labelsOf, readingBatch, setsOf, type Sets } from "../data/sets.ts";
import { buildNetwork } from "../network/network.ts";
import { resultDetails } from "../results/details.ts";
import type { JudgeJob, JudgedResult, SpokenLogits } from "./job.ts";
import type { Working } from "./run-job.ts";

/** Networks that zero-retrain forgetting compares with; it depends on their seed, so there are several. */
const untrainedCount = 5;

export async function runJudge(job: JudgeJob, working: Working): Promise<JudgedResult> {
  const { train, test, poisoned } = await working.loadData(job.data);
  const sets = setsOf(train, test ?? { ...train, size: 0, ids: [], labels: new Int32Array(0) }, job.forgotten);
  const split = splitter(train, sets);
  const models = { labels: labelsOf(sets), original: split(job.original), unlearned: split(job.unlearned), oracles: job.oracles.map(split) };
  const chosen = job.metrics === undefined ? standardMetrics : standardMetrics.filter(({ name }) => job.metrics?.includes(name));
  const evaluation = evaluate({
    ...models,
    forgottenClasses: job.forgottenClasses,
    ...(poisoned === undefined ? {} : { marked: markedBy(poisoned, sets.forget) }),
    untrained: await untrainedLogits(job, train, sets.forget, working),
    seed: job.seed,
    metrics: chosen,
  });
  return { evaluation, details: resultDetails(models), sizes: evaluation.sampleCounts };
}

/** Takes the rows of the three sets out of what a model says of everything. */
function splitter(train: Dataset, { retain, forget }: Sets): (spoken: SpokenLogits) => SetLogits {
  const position = new Map(train.ids.map((id, row) => [id, row]));
  const rowsOf = (data: Dataset) => data.ids.map((id) => position.get(id)!);
  const rows = { retain: rowsOf(retain), forget: rowsOf(forget) };
  return ({ train: logits, ...others }) => ({ retain: pickRows(logits, rows.retain), forget: pickRows(logits, rows.forget), ...others });
}

function pickRows({ shape: [, width], values }: HostTensor, rows: readonly number[]): HostTensor {
  const picked = new Float32Array(rows.length * width);
  rows.forEach((row, index) => picked.set(values.subarray(row * width, (row + 1) * width), index * width));
  return { shape: [rows.length, width], values: picked };
}

async function untrainedLogits({ builder, seed }: JudgeJob, train: Dataset, forget: Dataset, { signal }: Working): Promise<HostTensor[]> {
  const logits: HostTensor[] = [];
  for (let index = 0; index < untrainedCount; index++) {
    const network = buildNetwork(builder, train);
    const model = new Model(network).initialise(createRandom(`${seed}/untrained-${index}`));
    network.dispose();
    try {
      logits.push(await collectLogits(model, forget, { context: createContext({ signal }), batchSize: readingBatch, phase: "testing" }));
    } finally {
      model.dispose();
    }
  }
  return logits;
}
