import { classesSchema, forgetKindSchema, poisonSchema, recipeSchema, validationSchema } from "@lethe/bench";
import { z } from "zod";
import { LetheError, parseJsonBytes, type Json } from "@lethe/core";

/** The name of the file that tells a run folder from any other saved model. */
export const manifestName = "lethe.json";

const json: z.ZodType<Json> = z.json();

const cost = z.object({
  samplesForward: z.number(),
  samplesBackward: z.number(),
  hessianVectorProducts: z.number(),
  bytesStored: z.number(),
  seconds: z.number(),
});

const request = z.object({
  method: z.string(),
  options: json,
  seed: z.union([z.number(), z.string()]),
  /** How the samples were named. */
  selection: forgetKindSchema,
  /** The same in words; earlier releases wrote none. */
  words: z.string().optional(),
  forgotten: z.array(z.string()),
  status: z.string(),
  message: z.string(),
  report: json,
  cost,
  /** Null where the preparation was done ahead of the request. */
  preparation: cost.nullable(),
  /** Hash of the weights that the request started from. */
  from: z.string(),
  /** The folder that held them, relative to this one. */
  source: z.string().nullable(),
  at: z.iso.datetime(),
});

const schema = z.object({
  format: z.literal("lethe/run"),
  version: z.literal(1),
  data: z.object({
    train: z.string(),
    test: z.string().optional(),
    classes: classesSchema.optional(),
    validation: validationSchema.optional(),
    poison: poisonSchema.optional(),
    /** `Dataset.hash()` of the training data before anything was forgotten. */
    hash: z.string(),
    size: z.number(),
  }),
  /** Id of the builder, or where a model of other making was found. */
  model: z.union([z.object({ builder: z.string() }), z.object({ imported: z.string() })]),
  /** Null for an imported model of which nobody said how it was trained. */
  recipe: recipeSchema.nullable(),
  backend: z.string(),
  versions: z.record(z.string(), z.string()),
  /** `Model.hash()`; null while training. */
  weights: z.string().nullable(),
  /** Null for an imported model. `resumed` counts the epochs that an interrupted part had done; cost and time are those of the last part. */
  training: z.object({ cost, loss: z.number().nullable(), resumed: z.number() }).nullable(),
  /** Who watched the training and left a recording, which lies in this folder unless it was destroyed; earlier releases wrote none. */
  recorded: z
    .object({
      method: z.string(),
      /** As it can be found again: id, package or absolute path. */
      name: z.string(),
      options: z.record(z.string(), json),
    })
    .optional(),
  /** Ids of all requests so far. */
  forgotten: z.array(z.string()),
  /** The requests, the first one first. */
  lineage: z.array(request),
});

/** What a run folder says of itself: enough to train it again, to unlearn more, and to judge it. */
export type RunManifest = z.infer<typeof schema>;
export type UnlearningRequest = RunManifest["lineage"][number];

export function encodeManifest(manifest: RunManifest): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(manifest, undefined, 2)}\n`);
}

/** @throws LetheError `run/bad-manifest`. */
export function decodeManifest(bytes: Uint8Array, path: string): RunManifest {
  let content: unknown;
  try {
    content = parseJsonBytes(bytes);
  } catch (cause) {
    throw new LetheError("run/bad-manifest", `${path} is not JSON; the file is damaged, restore it or train again.`, { path }, { cause });
  }
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  const [first] = result.error.issues;
  const place = first.path.join(".");
  throw new LetheError(
    "run/bad-manifest",
    `${path} does not describe a run (${place === "" ? "" : `${place}: `}${first.message}); restore it or train again.`,
    {
      path,
      complaints: result.error.issues.map(({ path: where, message }) => `${where.join(".")}: ${message}`),
    },
  );
}
