import { forgetGrammar } from "@lethe/datasets";
import { z } from "zod";
import { attackNames } from "../audits/attack-names.ts";
import { classesSchema, poisonSchema, validationSchema } from "../data/treatment-schema.ts";
import { recipeFields } from "../recipes/schema.ts";

/** Names become parts of file names, where two hyphens stand between names. */
const name = z.string().regex(/^[a-z0-9]+([.-][a-z0-9]+)*$/, "a name has small letters and digits, with single dots or hyphens between them");

/** What the results call the rows that every experiment has. */
const row = name.refine((given) => given !== "control" && given !== "do-nothing", "control and do-nothing are rows that every experiment has");

const count = z.int().min(1);

const seeds = z.union([count.max(1000), z.array(z.int().min(0)).min(1)]);
const oracles = count.max(100);

const problem = z.strictObject({
  data: z.string().describe("a name, as digits or cifar10, or files, as idx:IMAGES,LABELS"),
  test: z.string().optional().describe("test samples, where the data has none of its own"),
  classes: classesSchema.optional(),
  validation: validationSchema.optional(),
  poison: poisonSchema.optional(),
  model: z.string().optional().describe("id of a builder; default: one that suits the shape of the data"),
  recipe: recipeFields.partial().optional().describe("what differs from the builder's usual recipe"),
  seeds: seeds.optional().describe("default: those of the experiment; fewer for what trains long"),
  oracles: oracles.optional().describe("default: as many as the experiment has"),
});

const scenario = z.strictObject({
  forget: z.union([z.string(), z.array(z.string()).min(2)]).describe(`${forgetGrammar}; a list for requests that follow one another`),
  problems: z.array(z.string()).optional().describe("default: all"),
});

const range = z.union([
  z.strictObject({ choices: z.array(z.union([z.string(), z.number()])).min(1) }),
  z
    .strictObject({ from: z.number(), to: z.number(), scale: z.enum(["linear", "logarithmic"]).default("linear") })
    .refine(({ from, to }) => from < to, "from has to be below to")
    .refine(({ from, scale }) => scale === "linear" || from > 0, "a logarithmic range begins above 0"),
]);

const method = z.strictObject({
  method: z.string().optional().describe("id, package or path; default: the row's name"),
  options: z.record(z.string(), z.json()).default({}),
  search: z
    .union([z.literal("usual"), z.record(z.string(), range)])
    .optional()
    .describe("options to choose by trials: the method's usual ranges, or these"),
  problems: z.array(z.string()).optional().describe("default: all"),
  scenarios: z.array(z.string()).optional().describe("default: all"),
});

const audit = z.strictObject({
  attacks: z
    .array(z.enum(attackNames))
    .min(1)
    .refine((given) => new Set(given).size === given.length, "each may stand there once")
    .default(["u-lira"])
    .describe("what the shadow models are used for"),
  problem: z.string(),
  methods: z.array(z.string()).optional().describe("rows of methods to audit; default: all"),
  pool: count.optional().describe("training samples to draw from; default: all"),
  models: count.describe("shadow models to fit the attack to; even"),
  targets: count.describe("models to attack; even"),
  forgetSets: count.describe("forget sets per model"),
  forgetSize: count.describe("samples per forget set"),
  class: z.int().min(0).optional().describe("attack samples of this class only"),
  population: count.default(1000).describe("test samples, at most, that rmia compares with; of the class, where there is one"),
});

export const experimentSchema = z.strictObject({
  name,
  about: z.string().optional(),
  seeds: seeds.describe("how many, or which"),
  oracles: oracles.default(5).describe("models to retrain for each scenario and seed"),
  trials: count.max(1000).default(10).describe("trials for each method that has options to search; the same for all"),
  problems: z.record(name, problem),
  scenarios: z.record(name, scenario),
  methods: z.record(row, method.nullable()),
  metrics: z.array(z.string()).min(1).optional().describe("default: all"),
  audits: z.record(name, audit).default({}),
});

export type ExperimentFile = z.output<typeof experimentSchema>;
export type SearchRange = z.output<typeof range>;
