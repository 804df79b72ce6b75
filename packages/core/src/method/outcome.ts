import type { Cost } from "../context/index.ts";
import type { Weights } from "../model/index.ts";
import type { Json } from "./json.ts";

/**
 * How a request ended.
 *
 * - `completed`: the method did what it does.
 * - `stopped-early`: its own stopping rule ended it.
 * - `no-effect`: no weight changed; the message says why and what to try.
 * - `diverged`, `non-finite`: the result is not usable; the weights are those from before.
 * - `budget-reached`: it ran out of the steps or time it was allowed.
 */
export type OutcomeStatus = "completed" | "stopped-early" | "no-effect" | "diverged" | "non-finite" | "budget-reached";

/** The result of one request, as a method returns it. */
export interface Outcome<Prepared> {
  readonly status: OutcomeStatus;
  /** One sentence for a person: what happened and, unless all is well, what to try. */
  readonly message: string;
  /** The caller's to dispose. Equal to the model's where nothing changed. */
  readonly weights: Weights;
  /** What the next request should be given in place of the artifact that this one was given. */
  readonly artifact: Prepared;
  /** The method's own figures, e.g. the share of weights selected in each layer. */
  readonly report: { readonly [key: string]: Json };
  readonly cost: Cost;
}
