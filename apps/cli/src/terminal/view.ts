import type { Style } from "./style.ts";

/** What text is made for. */
export interface View {
  readonly style: Style;
  readonly columns: number;
  /** What to type for `lethe`, e.g. `npm run lethe --` in a checkout; commands that are suggested begin with it. */
  readonly lethe: string;
}
