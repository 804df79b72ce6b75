import type { DataSource } from "./source.ts";
import { treatmentOf, type Treatment } from "./treated.ts";

interface Recorded {
  readonly train: string;
  readonly test?: string | undefined;
  readonly classes?: Treatment["classes"] | undefined;
  readonly poison?: Treatment["poison"] | undefined;
}

/** The source that stands in a lock or a manifest, without what else stands there. */
export function recordedSource({ train, test, classes, poison }: Recorded): DataSource {
  return { train, ...(test === undefined ? {} : { test }), ...treatmentOf({ classes, poison }) };
}
