import type { LoadedMethod } from "../../methods/load.ts";
import { describeOptions } from "../../methods/options.ts";

/** A method as plain data. */
export function methodData({ method, source, version }: LoadedMethod): object {
  const { id, title, guarantee, needs, scenarios, citation, searchSpace } = method;
  return {
    id,
    title,
    source,
    version: version ?? null,
    guarantee,
    needs,
    scenarios,
    citation,
    prepares: method.prepare !== undefined,
    options: describeOptions(method) ?? null,
    searchSpace: searchSpace ?? null,
  };
}

/** What answering a request takes, in a few words. */
export function needsInWords({ method: { needs } }: LoadedMethod): string {
  const retain = { none: "the forget set alone", statistics: "the forget set and prepared statistics", samples: "the retained samples" }[
    needs.retain
  ];
  const also = [
    needs.recipe === "required" ? ["the recipe"] : [],
    needs.trace === "required" ? ["a recorded training"] : [],
    needs.labels === "not-needed" ? ["no labels"] : [],
  ].flat();
  return [retain, ...also].join(", ");
}
