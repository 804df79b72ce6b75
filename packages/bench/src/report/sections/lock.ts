import type { Json } from "@lethe/core";
import type { AuditResult } from "../../results/audit-result.ts";
import type { ExperimentResults } from "../../results/experiment-results.ts";
import type { RunResult } from "../../results/run-result.ts";
import type { Block, Details, Table } from "../document.ts";
import { groupThousands, missing } from "../numbers.ts";
import { distinct, plural, seedsInWords } from "../words.ts";

/** Enough to tell hashes apart; the results hold them whole. */
const hashDigits = 16;

/** Everything that decides the numbers, folded away. */
export function lockSection({ runs, audits, source }: ExperimentResults): readonly Block[] {
  return [
    { kind: "heading", level: 2, text: "Recipe lock", id: "recipe-lock" },
    {
      kind: "paragraph",
      text: "What decides the numbers above, to make them again and to compare them. The result files hold it in full: whole hashes, the ids of all forgotten samples, every seed.",
    },
    ...distinct(runs.map(({ problem }) => problem)).map((problem) =>
      problemDetails(
        problem,
        runs.filter((run) => run.problem === problem),
      ),
    ),
    ...(audits.length === 0 ? [] : [auditDetails(audits)]),
    details("Versions and backends", [versionsTable(runs, audits)]),
    details("Experiment file", [{ kind: "code", text: source }]),
  ];
}

function details(summary: string, blocks: readonly Block[]): Details {
  return { kind: "details", summary, blocks };
}

function problemDetails(problem: string, runs: readonly RunResult[]): Details {
  return details(`${problem}: data, recipe, methods and runs`, [dataTable(problem, runs), methodsTable(problem, runs), runsTable(problem, runs)]);
}

/** All distinct values of one fact: where runs of one problem differ in it, that must show. */
function dataTable(problem: string, runs: readonly RunResult[]): Table {
  const facts: readonly (readonly [string, (run: RunResult) => string])[] = [
    ["Training data", ({ lock: { data } }) => `${data.train}, ${plural(data.trainSize, "sample")}, ${short(data.trainHash)}`],
    ["Test data", ({ lock: { data } }) => `${data.test ?? data.train}, ${plural(data.testSize, "sample")}, ${short(data.testHash)}`],
    ...treatmentFacts(runs),
    ["Model", ({ lock }) => lock.model.builder],
    ["Recipe", ({ lock: { recipe } }) => inWords({ ...recipe, seed: "of each run" })],
    ["Oracle seeds, first run", () => runs[0].lock.oracleSeeds.join(", ") || missing],
    ["Evaluation seed", ({ lock }) => String(lock.evaluationSeed)],
    ["Metrics", ({ lock }) => lock.metrics?.join(", ") ?? "all"],
  ];
  return {
    kind: "table",
    caption: `${problem}: data and recipe`,
    head: [
      { title: "What", align: "left" },
      { title: "Value", align: "left" },
    ],
    rows: facts.map(([name, value]) => ({ cells: [{ text: name }, { text: distinct(runs.map(value)).join(" / ") }] })),
  };
}

/** Of a problem whose data was read and then changed. */
function treatmentFacts(runs: readonly RunResult[]): readonly (readonly [string, (run: RunResult) => string])[] {
  const { classes, validation, poison } = runs[0].lock.data;
  // The result files hold the ids.
  const { ids, ...recipe } = poison !== undefined && "ids" in poison ? poison : { ...poison, ids: undefined };
  const count = ids === undefined ? {} : { ids: ids.length };
  return [
    ...(classes === undefined ? [] : [["Coarse classes", () => inWords(classes)] as const]),
    ...(validation === undefined
      ? []
      : [["Set aside for validation", () => `${Number((100 * validation).toPrecision(3))} % of the training samples, drawn by id`] as const]),
    ...(poison === undefined ? [] : [["Poison", () => inWords({ ...recipe, ...count })] as const]),
  ];
}

function methodsTable(problem: string, runs: readonly RunResult[]): Table {
  const signature = ({ scenario, method, lock }: RunResult) => JSON.stringify([scenario, method, lock.method.options]);
  const groups = distinct(runs.map(signature)).map((each) => runs.filter((run) => signature(run) === each));
  return {
    kind: "table",
    caption: `${problem}: methods and their options`,
    head: ["Method", "Scenario", "Seeds", "From", "Options", "Chosen"].map((title) => ({ title, align: "left" as const })),
    rows: groups.map((group) => {
      const [{ method, scenario, role, lock, cost }] = group;
      const { package: from, version, name, options } = lock.method;
      const origin = role === "control" ? missing : [from ?? name, version].filter((part) => part !== null).join(" ");
      const chosen = role === "control" ? missing : cost.search === null ? "given" : `the best of ${plural(cost.search.trials, "trial")}`;
      const texts = [method, scenario, seedsInWords(group.map(({ seed }) => seed)), origin, inWords(options) || missing, chosen];
      return { cells: texts.map((text) => ({ text })) };
    }),
  };
}

function runsTable(problem: string, runs: readonly RunResult[]): Table {
  return {
    kind: "table",
    caption: `${problem}: runs`,
    head: [
      ...["Scenario", "Method"].map((title) => ({ title, align: "left" as const })),
      { title: "Seed", align: "right" },
      { title: "Forgotten", unit: "samples", align: "right" },
      ...["Ended as", "Original weights", "Unlearned weights"].map((title) => ({ title, align: "left" as const })),
    ],
    rows: runs.map(({ scenario, method, seed, lock, outcome, weights }) => ({
      cells: [
        scenario,
        method,
        String(seed),
        groupThousands(lock.forget.ids.length),
        outcome.status,
        short(weights.original),
        short(weights.unlearned),
      ].map((text) => ({ text })),
    })),
  };
}

function auditDetails(audits: readonly AuditResult[]): Details {
  const table: Table = {
    kind: "table",
    caption: "Audits: data, recipe and plan",
    head: ["Audit", "Method", "Data", "Model", "Recipe", "Options", "Plan"].map((title) => ({ title, align: "left" as const })),
    rows: audits.map(({ audit, lock, method }) => ({
      cells: [
        audit,
        [method, lock.method.version].filter((part) => part !== null).join(" "),
        `${lock.data.train}, ${short(lock.data.trainHash)}, test ${short(lock.data.testHash)}`,
        lock.model.builder,
        inWords({ ...lock.recipe }),
        inWords(lock.method.options) || missing,
        inWords({ ...lock.plan, class: lock.plan.class ?? "all" }),
      ].map((text) => ({ text })),
    })),
  };
  return details("Audits: data, recipe and plan", [table]);
}

function versionsTable(runs: readonly RunResult[], audits: readonly AuditResult[]): Table {
  const locks = [...runs, ...audits].map(({ lock }) => lock);
  const names = distinct(locks.flatMap(({ versions }) => Object.keys(versions))).toSorted();
  const rows = [
    ...names.map((name) => [name, distinct(locks.flatMap(({ versions }) => versions[name] ?? [])).join(", ")]),
    ["backend", distinct(locks.map(({ backend }) => backend)).join(", ")],
  ];
  return {
    kind: "table",
    caption: "Versions and backends",
    head: [
      { title: "What", align: "left" },
      { title: "Version", align: "left" },
    ],
    rows: rows.map((texts) => ({ cells: texts.map((text) => ({ text })) })),
  };
}

function short(hash: string): string {
  return hash.slice(0, hashDigits);
}

/** Plain JSON for people: `epochs 20, schedule (kind cosine, rate 0.005)`. */
function inWords(value: Json | object): string {
  if (value === null || typeof value !== "object") return String(value);
  if (Array.isArray(value)) return `[${value.map((each: Json) => nested(each)).join(", ")}]`;
  return Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .map(([name, each]) => `${name} ${nested(each as Json)}`)
    .join(", ");
}

function nested(value: Json): string {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? `(${inWords(value)})` : inWords(value);
}
