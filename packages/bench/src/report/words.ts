import type { SequencePlace } from "../experiment/experiment.ts";
import { groupThousands } from "./numbers.ts";

export function plural(count: number, noun: string, several = `${noun}s`): string {
  return `${groupThousands(count)} ${count === 1 ? noun : several}`;
}

export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** `classes, request 2 of 5`. */
export function placeInWords({ name, request, of }: SequencePlace): string {
  return `${name}, request ${request} of ${of}`;
}

/** `seed 0`, `seeds 0, 1 and 2`. */
export function seedsInWords(seeds: readonly number[]): string {
  return `${seeds.length === 1 ? "seed" : "seeds"} ${listed(seeds.map(String))}`;
}

/** For the middle of a sentence; names such as Jensen-Shannon and JS stay. */
export function lowerFirst(text: string): string {
  return /^[A-Z][a-z]+(?=[ ,]|$)/.test(text) ? text[0].toLowerCase() + text.slice(1) : text;
}

export function upperFirst(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** Each value once, in the order of its first occurrence. */
export { distinct } from "../summary/tally.ts";
