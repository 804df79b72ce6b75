import { basename, resolve } from "node:path";
import { LetheError } from "@lethe/core";

/** `PREFIX:PATH,key=value,...` taken apart. */
export interface SourceWords<Key extends string> {
  readonly path: string;
  readonly options: Readonly<Partial<Record<Key, string>>>;
}

export interface WordsGrammar<Key extends string> {
  readonly prefix: string;
  readonly usage: string;
  /** Options that may follow the path. */
  readonly keys: readonly Key[];
}

/** @throws LetheError `data/unknown-source`. */
export function parseWords<Key extends string>(words: string, grammar: WordsGrammar<Key>): SourceWords<Key> {
  let path = words.slice(grammar.prefix.length + 1);
  const options: Partial<Record<Key, string>> = {};
  // From the end: what stands before the options is the path, commas included.
  for (let found = /,([a-z]+)=([^,]*)$/.exec(path); found !== null; found = /,([a-z]+)=([^,]*)$/.exec(path)) {
    const key = grammar.keys.find((each) => each === found![1]);
    if (key === undefined || found[2] === "" || key in options) throw notUnderstood(words, grammar.usage);
    options[key] = found[2];
    path = path.slice(0, found.index);
  }
  if (path === "") throw notUnderstood(words, grammar.usage);
  // In one order, however they were written.
  const ordered = grammar.keys.filter((key) => key in options).map((key) => [key, options[key]]);
  return { path, options: Object.fromEntries(ordered) as Partial<Record<Key, string>> };
}

export function formatWords<Key extends string>(prefix: string, { path, options }: SourceWords<Key>): string {
  return `${prefix}:${[path, ...Object.entries(options).map(([key, value]) => `${key}=${String(value)}`)].join(",")}`;
}

export function absoluteWords<Key extends string>(words: string, grammar: WordsGrammar<Key>, cwd: string): string {
  const { path, options } = parseWords(words, grammar);
  return formatWords(grammar.prefix, { path: resolve(cwd, path), options });
}

/** `PREFIX:FIRST,SECOND`. @throws LetheError `data/unknown-source`. */
export function parsePair(words: string, { prefix, usage }: Pick<WordsGrammar<string>, "prefix" | "usage">): readonly [first: string, second: string] {
  const [first, second, ...more] = words.slice(prefix.length + 1).split(",");
  if (first !== "" && second !== undefined && second !== "" && more.length === 0) return [first, second];
  throw new LetheError("data/unknown-source", `${words} does not name two files; write ${usage}.`, { source: words });
}

export function absolutePair(words: string, grammar: Pick<WordsGrammar<string>, "prefix" | "usage">, cwd: string): string {
  return `${grammar.prefix}:${parsePair(words, grammar)
    .map((path) => resolve(cwd, path))
    .join(",")}`;
}

/** What ids begin with: they must not change when the files move to another folder. */
export function originOf(part: string, path: string, endings: RegExp): string {
  return `${part}-${basename(path).replace(endings, "")}`;
}

/** `28x28x1`. @throws LetheError `data/unknown-source`. */
export function parseShape(given: string, words: string, usage: string): readonly number[] {
  const sizes = given.split("x").map(Number);
  if (sizes.every((size) => Number.isInteger(size) && size > 0)) return sizes;
  throw notUnderstood(words, usage);
}

export function notUnderstood(words: string, usage: string): LetheError {
  return new LetheError("data/unknown-source", `${words} is not understood; write ${usage}.`, { source: words, usage });
}
