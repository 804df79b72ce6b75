import { decodeArtifact, type Artifact, type Cost, type Json } from "@lethe/core";
import type { Store } from "../store/store.ts";
import type { ChosenMethod } from "./rows.ts";
import { artifactName, filesOf } from "./stored-model.ts";

/** What the next request is given. */
export interface Following {
  /** Where it was kept. */
  artifact(): Promise<Artifact | undefined>;
  /** Where it was kept: a folder with what a recorder left beside its artifact, not to be written to. */
  folder(): Promise<string | undefined>;
}

/** What a method has before the first request. */
export interface Prepared extends Following {
  readonly cost: Cost;
}

/** What a method does once for each model, ahead of requests. A recorder's artifact takes the place of what the method would prepare. */
export function preparationOf({ configured: { method } }: ChosenMethod): "record" | "prepare" | "none" {
  if (method.needs.trace === "required") return "record";
  return method.prepare === undefined ? "none" : "prepare";
}

export const prepareStage = (stage: string) => `prepare ${stage}`;

export function following(store: Store, facts: Json): Following {
  return {
    async artifact() {
      const { [artifactName]: bytes } = await filesOf(store, facts);
      return bytes && decodeArtifact(bytes);
    },
    folder: () => store.folder(facts),
  };
}
