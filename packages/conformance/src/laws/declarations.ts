import { isLetheError, validateOptions, type AnyMethod, type LayerKind } from "@lethe/core";
import { declarationLaw, demand, describeError } from "../law.ts";

const idPattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const layerKinds: readonly LayerKind[] = [
  "dense",
  "conv2d",
  "depthwise-conv2d",
  "separable-conv2d",
  "batch-normalization",
  "layer-normalization",
  "embedding",
  "other",
];

export const declares = declarationLaw(
  "declares contract 1, an id, a title, a guarantee, its needs and its scenarios from the known words",
  ({ method }) => {
    const { contract, id, title, guarantee, needs, scenarios } = method;
    demand(contract === 1, `contract is ${String(contract)}; this suite knows version 1.`);
    demand(idPattern.test(id), `the id ${JSON.stringify(id)} is not in kebab case, like "retrain" or "bad-teacher".`);
    demand(isText(title), "the title is empty.");
    demandOneOf("guarantee", guarantee, ["exact", "certified", "approximate"]);
    demandOneOf("needs.retain", needs.retain, ["none", "statistics", "samples"]);
    for (const name of ["labels", "trace", "recipe"] as const) demandOneOf(`needs.${name}`, needs[name], ["required", "not-needed"]);
    if (needs.layers !== "any") {
      demand(needs.layers.length > 0, `needs.layers is empty; name the kinds, or say "any".`);
      needs.layers.forEach((kind) => demandOneOf("needs.layers", kind, layerKinds));
    }
    demand(scenarios.length > 0 && new Set(scenarios).size === scenarios.length, "scenarios must name at least one scenario, none twice.");
    scenarios.forEach((scenario) => demandOneOf("scenarios", scenario, ["random", "class", "sub-class", "poisoned"]));
  },
);

export const supportsNeeds = declarationLaw("has the functions that its needs call for", ({ method }) => {
  const { needs } = method;
  demand(typeof method.unlearn === "function", "unlearn is not a function.");
  demand(needs.trace !== "required" || typeof method.record === "function", "it needs a trace but has no record().");
  const gathers = method.prepare !== undefined || method.record !== undefined;
  demand(needs.retain !== "statistics" || gathers, "it needs statistics of the retained data but has neither prepare() nor record() to gather them.");
});

export const cites = declarationLaw("cites where it comes from", ({ method: { citation } }) => {
  for (const name of ["authors", "title", "venue"] as const) demand(isText(citation[name]), `citation.${name} is empty.`);
  const { year, url } = citation;
  demand(Number.isInteger(year) && year >= 1950 && year <= new Date().getFullYear() + 1, `citation.year is ${String(year)}.`);
  demand(URL.canParse(url) && /^https?:$/.test(new URL(url).protocol), `citation.url is ${JSON.stringify(url)}; it must be a web address.`);
});

export const keepsOptions = declarationLaw("has options that survive JSON and are accepted by their own schema again", ({ method, options }) => {
  const once: unknown = JSON.parse(JSON.stringify(options));
  const twice = validateOptions(method.id, method.options, once);
  demand(
    JSON.stringify(twice) === JSON.stringify(options),
    `${JSON.stringify(options)} came back as ${JSON.stringify(twice)}; a recorded run could not be repeated.`,
  );
});

export const refusesOptions = declarationLaw("refuses unknown and bad options by name", (configured, { badOptions = [] }) => {
  const unknown = { options: { ...(configured.options as object), unheardOf: 1 }, mentions: "unheardOf" };
  for (const { options, mentions } of [unknown, ...badOptions]) {
    const shown = JSON.stringify(options);
    const refusal = refusalOf(configured, options);
    demand(refusal !== undefined, `the options ${shown} are accepted.`);
    demand(
      isLetheError(refusal) && refusal.code === "options/invalid",
      `the options ${shown} are refused with ${describeError(refusal)} where options/invalid is expected.`,
    );
    demand(refusal.message.includes(mentions), `the refusal of ${shown} does not mention ${mentions}: ${refusal.message}`);
  }
});

export const searchesItsOptions = declarationLaw("searches only where its options may be", (configured) => {
  const space = configured.method.searchSpace ?? {};
  for (const [name, range] of Object.entries(space) as [string, Range][]) {
    const candidates = "choices" in range ? range.choices : [range.from, between(range), range.to];
    demand(candidates.length > 0, `the search space has no choice for ${name}.`);
    if ("from" in range) {
      demandOneOf(`searchSpace.${name}.scale`, range.scale, ["linear", "logarithmic"]);
      demand(range.from < range.to, `the interval of ${name} runs from ${range.from} to ${range.to}.`);
      demand(range.scale === "linear" || range.from > 0, `the logarithmic interval of ${name} begins at ${range.from}; it must be above 0.`);
    }
    for (const candidate of candidates) {
      const refusal = refusalOf(configured, { ...(configured.options as object), [name]: candidate });
      demand(refusal === undefined, `the search space proposes ${name} = ${String(candidate)}, which is refused: ${describeError(refusal)}.`);
    }
  }
});

type Range = { readonly choices: readonly unknown[] } | { readonly from: number; readonly to: number; readonly scale: string };

/** A value inside the interval that is neither round nor whole: options that must be whole numbers belong among `choices`. */
function between({ from, to, scale }: Extract<Range, { from: number }>): number {
  const third = 1 / 3;
  return scale === "linear" ? from + (to - from) * third : from * (to / from) ** third;
}

function refusalOf({ method }: AnyMethod, options: unknown): unknown {
  try {
    validateOptions(method.id, method.options, options);
    return undefined;
  } catch (error) {
    return error;
  }
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value.trim() !== "";
}

function demandOneOf(what: string, value: string, known: readonly string[]): void {
  demand(known.includes(value), `${what} says ${JSON.stringify(value)}; known are ${known.join(", ")}.`);
}
