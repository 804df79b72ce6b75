/** One finding. `weak`: Lethe works, but not as well as it could. */
export interface Check {
  readonly name: string;
  readonly verdict: "fine" | "weak" | "broken";
  readonly sentence: string;
  readonly figures?: Readonly<Record<string, number | string>>;
}
