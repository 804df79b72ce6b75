import type { DataSource } from "./source.ts";
import { treatmentOf, type Treatment } from "./treated.ts";

type Recorded = { readonly train: string; readonly test?: string | undefined } & { readonly [Name in keyof Treatment]?: Treatment[Name] | undefined };

/** The source that stands in a lock or a manifest, without what else stands there. */
export function recordedSource({ train, test, ...treatment }: Recorded): DataSource {
  return { train, ...(test === undefined ? {} : { test }), ...treatmentOf(treatment) };
}
