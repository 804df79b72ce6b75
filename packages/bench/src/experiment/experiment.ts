import { LetheError, type Json } from "@lethe/core";
import { standardMetrics } from "@lethe/metrics";
import { LineCounter, parseDocument } from "yaml";
import type { AttackName } from "../audits/attack-names.ts";
import { treatmentOf, type Treatment } from "../data/treated.ts";
import type { RecipeFields } from "../recipes/schema.ts";
import { experimentSchema, type ExperimentFile, type SearchRange } from "./schema.ts";

export interface ProblemPlan extends Treatment {
  readonly name: string;
  readonly data: string;
  readonly test: string | undefined;
  readonly model: string | undefined;
  readonly recipe: Partial<RecipeFields>;
  readonly seeds: readonly number[];
  /** Retrained models of each scenario and seed. */
  readonly oracles: number;
}

/** One request of several that follow one another, each starting from what the one before left. */
export interface SequencePlace {
  readonly name: string;
  /** From 1. */
  readonly request: number;
  readonly of: number;
}

export interface ScenarioPlan {
  readonly name: string;
  readonly forget: string;
  /** What was asked for before, in this order; of a single request nothing. */
  readonly earlier: readonly string[];
  readonly sequence: SequencePlace | undefined;
  /** Names. */
  readonly problems: readonly string[];
}

export interface MethodPlan {
  /** Of the row in the table. */
  readonly name: string;
  /** Id, package or path. */
  readonly method: string;
  readonly options: Readonly<Record<string, Json>>;
  readonly search: "none" | "usual" | Readonly<Record<string, SearchRange>>;
  readonly problems: readonly string[];
  readonly scenarios: readonly string[];
}

export interface AuditPlan {
  readonly name: string;
  readonly attacks: readonly AttackName[];
  readonly problem: string;
  readonly methods: readonly string[];
  readonly pool: number | undefined;
  readonly models: number;
  readonly targets: number;
  readonly forgetSets: number;
  readonly forgetSize: number;
  readonly class: number | undefined;
  /** At most. */
  readonly population: number;
}

/** What is to be done, with every default written out. */
export interface Experiment {
  readonly name: string;
  readonly about: string | undefined;
  /** Of problems that say nothing else. */
  readonly seeds: readonly number[];
  readonly oracles: number;
  readonly trials: number;
  readonly problems: readonly ProblemPlan[];
  readonly scenarios: readonly ScenarioPlan[];
  readonly methods: readonly MethodPlan[];
  /** Names; undefined for all. */
  readonly metrics: readonly string[] | undefined;
  readonly audits: readonly AuditPlan[];
  /** The file as it was given. */
  readonly source: string;
}

/**
 * Reads an experiment file.
 *
 * @param source YAML.
 * @param path for the error's sentence.
 * @throws LetheError `experiment/not-yaml` with line and column, `experiment/invalid` naming the field.
 * @example
 * const { seeds, methods } = readExperiment(`
 * name: small
 * seeds: 2
 * problems: { digits: { data: digits } }
 * scenarios: { class: { forget: class=1 } }
 * methods: { ssd: , gentle: { method: ssd, options: { alpha: 20 } } }
 * `, "small.yaml");
 * seeds; // [0, 1]
 * methods.map(({ method }) => method); // ["ssd", "ssd"]
 */
export function readExperiment(source: string, path: string): Experiment {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw new LetheError("experiment/not-yaml", `${path} is not YAML: line ${line}, column ${col}: ${error.message}`, { path, line, column: col });
  }
  const result = experimentSchema.safeParse(valueOf(document, path));
  if (!result.success) {
    const [{ path: field, message }] = result.error.issues;
    throw invalid(path, field.join("."), message);
  }
  return planOf(result.data, source, path);
}

/** An alias of an anchor that comes later, or one that unfolds into millions, is found only here. */
function valueOf(document: ReturnType<typeof parseDocument>, path: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    throw new LetheError(
      "experiment/not-yaml",
      `${path} is not YAML: ${cause instanceof Error ? cause.message : String(cause)}`,
      { path },
      { cause },
    );
  }
}

function planOf(file: ExperimentFile, source: string, path: string): Experiment {
  const { name, about, oracles, trials, metrics } = file;
  const seeds = seedsOf(file.seeds);
  const problems = Object.entries(file.problems).map(([own, { data, test, classes, validation, poison, model, recipe, ...budget }]) => ({
    name: own,
    data,
    test,
    ...treatmentOf({ classes, validation, poison }),
    model,
    recipe: recipe ?? {},
    seeds: budget.seeds === undefined ? seeds : seedsOf(budget.seeds),
    oracles: budget.oracles ?? oracles,
  }));
  const all = problems.map((problem) => problem.name);
  const scenarios = Object.entries(file.scenarios).flatMap(([own, { forget, problems: some }]) => scenariosOf(own, forget, some ?? all));
  const every = Object.keys(file.scenarios);
  const requestsOf = (own: string) =>
    scenarios.filter((scenario) => own === (scenario.sequence?.name ?? scenario.name)).map((scenario) => scenario.name);
  const methods = Object.entries(file.methods).map(([own, given]): MethodPlan => ({
    name: own,
    method: given?.method ?? own,
    options: (given?.options ?? {}) as Readonly<Record<string, Json>>,
    search: given?.search ?? "none",
    problems: given?.problems ?? all,
    scenarios: (given?.scenarios ?? every).flatMap(requestsOf),
  }));
  const rows = methods.map((method) => method.name);
  const audits = Object.entries(file.audits).map(([own, given]): AuditPlan => ({
    ...given,
    name: own,
    methods: given.methods ?? rows,
    pool: given.pool,
    class: given.class,
  }));
  expectDifferent(seeds, path, "seeds");
  for (const problem of problems) expectDifferent(problem.seeds, path, `problems.${problem.name}.seeds`);
  expectDifferentNames(scenarios, path);
  if (problems.length === 0) throw invalid(path, "problems", "there has to be one at least");
  if (scenarios.length + audits.length === 0) throw invalid(path, "scenarios", "there has to be one at least, or an audit");
  for (const scenario of scenarios) expectKnown(scenario.problems, all, path, `scenarios.${scenario.name}.problems`);
  for (const method of methods) {
    expectKnown(method.problems, all, path, `methods.${method.name}.problems`);
    expectKnown(file.methods[method.name]?.scenarios ?? [], every, path, `methods.${method.name}.scenarios`);
  }
  for (const audit of audits) {
    expectKnown([audit.problem], all, path, `audits.${audit.name}.problem`);
    expectKnown(audit.methods, rows, path, `audits.${audit.name}.methods`);
  }
  if (metrics !== undefined) {
    expectKnown(
      metrics,
      standardMetrics.map((metric) => metric.name),
      path,
      "metrics",
    );
  }
  return { name, about, seeds, oracles, trials, problems, scenarios, methods, metrics, audits, source };
}

function seedsOf(given: number | readonly number[]): readonly number[] {
  return typeof given === "number" ? Array.from({ length: given }, (_, seed) => seed) : given;
}

/** A list of requests becomes a scenario for each, `classes.1`, `classes.2` and so on. */
function scenariosOf(name: string, forget: string | readonly string[], problems: readonly string[]): readonly ScenarioPlan[] {
  if (typeof forget === "string") return [{ name, forget, earlier: [], sequence: undefined, problems }];
  return forget.map((own, index) => ({
    name: `${name}.${index + 1}`,
    forget: own,
    earlier: forget.slice(0, index),
    sequence: { name, request: index + 1, of: forget.length },
    problems,
  }));
}

function expectDifferentNames(scenarios: readonly ScenarioPlan[], path: string): void {
  const twice = scenarios.find(({ name }, index) => scenarios.findIndex((other) => other.name === name) !== index);
  if (twice !== undefined) throw invalid(path, `scenarios.${twice.name}`, "the name is that of a request in a list; choose another");
}

function expectKnown(given: readonly string[], known: readonly string[], path: string, field: string): void {
  const unknown = given.find((each) => !known.includes(each));
  if (unknown !== undefined) throw invalid(path, field, `there is no ${unknown}; there are ${known.join(", ")}`);
}

function expectDifferent(given: readonly number[], path: string, field: string): void {
  if (new Set(given).size < given.length) throw invalid(path, field, "each may stand there once");
}

function invalid(path: string, field: string, complaint: string): LetheError {
  const place = field === "" ? "" : `${field}: `;
  return new LetheError("experiment/invalid", `${path} does not describe an experiment (${place}${complaint}).`, { path, field });
}
