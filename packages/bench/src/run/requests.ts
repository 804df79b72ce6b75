import type { Dataset } from "@lethe/core";
import { forgetSet, parseForget, type ForgetExpression, type ForgetSet } from "@lethe/datasets";
import { idsOf, readForget } from "../data/forget.ts";
import { withoutIds } from "../data/source.ts";
import type { ScenarioPlan } from "../experiment/experiment.ts";
import type { ForgetKind } from "../results/recipe-lock.ts";

/** What is to be forgotten in one scenario with one seed. */
export interface ForgetRequest {
  readonly kind: ForgetKind;
  readonly ids: readonly string[];
  /** Null unless a class is forgotten as a whole. */
  readonly forgottenClass: number | null;
  readonly words: string;
}

/**
 * @param forget as the experiment file has it; a random part is drawn anew for every seed.
 * @param gone ids that earlier requests removed from the data.
 * @throws LetheError `forget/...`.
 */
export async function forgetRequest(
  forget: string,
  data: Dataset,
  seed: number | string,
  cwd: string,
  gone: readonly string[] = [],
): Promise<ForgetRequest> {
  return requestOf(await readForget(forget, data, cwd, gone), seed);
}

/** A request that was answered before another, and the seed of that answer. */
export interface EarlierRequest extends ForgetRequest {
  readonly seed: string;
}

/**
 * The requests of a scenario in their order, each for samples that those before it have left.
 *
 * @throws LetheError `forget/...`.
 */
export async function forgetRequests(
  { earlier, forget }: Pick<ScenarioPlan, "earlier" | "forget">,
  data: Dataset,
  seed: number,
  cwd: string,
): Promise<{ readonly request: ForgetRequest; readonly earlier: readonly EarlierRequest[] }> {
  const past: EarlierRequest[] = [];
  const next = (expression: string): Promise<ForgetRequest> => {
    const gone = idsOfAll(past);
    return forgetRequest(expression, withoutIds(data, gone), drawSeed(seed, past.length), cwd, gone);
  };
  for (const [index, expression] of earlier.entries()) past.push({ ...(await next(expression)), seed: requestSeed(seed, index) });
  const request = await next(forget);
  return { request: { ...request, words: `${request.words}${afterInWords(past.length)}` }, earlier: past };
}

export function idsOfAll(requests: readonly ForgetRequest[]): readonly string[] {
  return requests.flatMap(({ ids }) => ids);
}

/** The seed of the answer to a request that so many came before; that of the first is the seed of a single one. */
export function requestSeed(seed: number, before: number): string {
  return before === 0 ? `${seed}/request` : `${seed}/request-${before + 1}`;
}

function afterInWords(before: number): string {
  return before === 0 ? "" : `, after ${before} earlier request${before === 1 ? "" : "s"}`;
}

function drawSeed(seed: number, before: number): number | string {
  return before === 0 ? seed : `${seed}/request-${before + 1}`;
}

/**
 * A request of the same kind for other samples: the next class, another person, another random draw, as many other samples as there are ids. A random draw may share
 * samples with the request itself, whose samples are drawn anew for every seed; poisoned samples have no others.
 *
 * @param data may lack some of the samples that the request names.
 * @throws LetheError `forget/...`.
 */
export async function siblingRequest(forget: string, data: Dataset, seed: number | string, cwd: string): Promise<ForgetRequest> {
  const expression = parseForget(forget);
  if (expression.what === "file") return requestOf(asManyOthers(expression, await idsOf(expression, cwd), data), seed);
  return requestOf(forgetSet(expression, data).sibling(), seed);
}

function asManyOthers({ draw }: ForgetExpression, ids: readonly string[], data: Dataset): ForgetSet {
  const others = withoutIds(data, ids);
  const wanted = draw === undefined ? ids.length : "count" in draw ? draw.count : Math.round(draw.share * ids.length);
  return forgetSet({ what: "everything", draw: { count: wanted } }, others);
}

function requestOf(set: ForgetSet, seed: number | string): ForgetRequest {
  const { kind, forgottenClass, words } = set;
  return { kind, ids: set.ids(seed), forgottenClass, words };
}
