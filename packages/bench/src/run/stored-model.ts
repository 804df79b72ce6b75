import { LetheError, type Files, type Json } from "@lethe/core";
import type { SpokenLogits } from "../jobs/job.ts";
import { decodeTensors, encodeTensors } from "../store/encode.ts";
import type { Store } from "../store/store.ts";

/** A model in the store; of its weights and outputs nothing stays in memory. */
export interface StoredModel {
  readonly facts: Json;
  /** @throws LetheError `experiment/cache-changed`. */
  files(): Promise<Files>;
  /** @throws LetheError `experiment/cache-changed`. */
  outputs(): Promise<SpokenLogits>;
}

export const resultName = "result.json";
export const artifactName = "artifact.safetensors";
const logitsNames = {
  train: "logits-train.safetensors",
  test: "logits-test.safetensors",
  triggered: "logits-triggered.safetensors",
} as const;

/** Files that stand beside those of the model. */
const others: readonly string[] = [resultName, artifactName, ...Object.values(logitsNames)];

export function storedModel(store: Store, facts: Json): StoredModel {
  const all = () => filesOf(store, facts);
  return {
    facts,
    files: async () => Object.fromEntries(Object.entries(await all()).filter(([name]) => !others.includes(name))),
    async outputs() {
      const files = await all();
      const logits = (name: keyof typeof logitsNames) => decodeTensors(files, logitsNames[name])["logits"];
      const triggered = files[logitsNames.triggered] === undefined ? {} : { triggered: logits("triggered") };
      return { train: logits("train"), test: logits("test"), ...triggered };
    },
  };
}

/** @throws LetheError `experiment/cache-changed`. */
export async function filesOf(store: Store, facts: Json): Promise<Files> {
  const files = await store.find(facts);
  if (files !== undefined) return files;
  throw new LetheError("experiment/cache-changed", `A model has vanished from ${store.path} while it was needed; run the experiment again.`, {
    path: store.path,
  });
}

export function encodeOutputs(outputs: SpokenLogits | undefined): Files {
  if (outputs === undefined) return {};
  const { train, test, triggered } = outputs;
  return {
    [logitsNames.train]: encodeTensors({ logits: train }),
    [logitsNames.test]: encodeTensors({ logits: test }),
    ...(triggered === undefined ? {} : { [logitsNames.triggered]: encodeTensors({ logits: triggered }) }),
  };
}
