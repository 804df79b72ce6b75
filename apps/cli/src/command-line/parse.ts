import { parseArgs } from "node:util";
import { closest } from "./closest.ts";
import type { Options, Values } from "./options.ts";
import { UsageError } from "./usage-error.ts";

/** A word of the command line that is no option: `lethe unlearn RUN`. */
export interface Operand {
  readonly help: string;
  readonly required: "yes" | "no";
}

export type Operands = Readonly<Record<string, Operand>>;

export type OperandValues<Definitions extends Operands> = {
  readonly [Name in keyof Definitions]: Definitions[Name]["required"] extends "yes" ? string : string | undefined;
};

export interface Arguments<Named extends Options, Placed extends Operands> {
  readonly options: Values<Named>;
  readonly operands: OperandValues<Placed>;
}

/**
 * Reads the words after the name of a command. Stricter than most: an unknown option, a missing value, an option given twice or a word too
 * many is an error, because a typing error must not change what is forgotten.
 *
 * @throws UsageError `cli/unknown-option`, `cli/missing-value`, `cli/unexpected-value`, `cli/repeated-option`, `cli/missing-operand`,
 * `cli/unexpected-operand`, and what the options' own `read` throws.
 */
export function parseArguments<Named extends Options, Placed extends Operands>(
  words: readonly string[],
  options: Named,
  operands: Placed,
): Arguments<Named, Placed> {
  const { given, placed } = collect(words, options);
  const values = Object.entries(options).map(([name, option]) => [name, option.read(given.get(name) ?? [], name)]);
  return { options: Object.fromEntries(values) as Values<Named>, operands: assignOperands(placed, operands) };
}

function collect(words: readonly string[], options: Options): { given: ReadonlyMap<string, string[]>; placed: readonly string[] } {
  const names = new Map(Object.entries(options).flatMap(([name, { aliases }]) => [name, ...aliases].map((spelling) => [spelling, name] as const)));
  const short = new Map([...names].filter(([spelling]) => spelling.length === 1));
  const types = Object.fromEntries(
    [...names].map(([spelling, name]) => {
      const type = options[name].placeholder === undefined ? ("boolean" as const) : ("string" as const);
      return [spelling, { type, ...(short.has(spelling) ? { short: spelling } : {}) }];
    }),
  );
  const { tokens } = parseArgs({ args: [...words], options: types, strict: false, allowPositionals: true, tokens: true });
  const given = new Map<string, string[]>();
  const placed: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") placed.push(token.value);
    if (token.kind !== "option") continue;
    const name = names.get(token.name);
    if (name === undefined) throw unknownOption(token.rawName, [...names.keys()]);
    const before = given.get(name) ?? [];
    if (before.length > 0 && options[name].repeatable === "no" && options[name].placeholder !== undefined) {
      throw new UsageError("cli/repeated-option", `${token.rawName} is given twice; which one is meant?`, { option: name });
    }
    given.set(name, [...before, readToken(token, name, options)]);
  }
  return { given, placed };
}

type OptionToken = { readonly rawName: string; readonly value: string | undefined; readonly inlineValue: boolean | undefined };

function readToken({ rawName, value, inlineValue }: OptionToken, name: string, options: Options): string {
  const { placeholder } = options[name];
  if (placeholder === undefined) {
    if (value === undefined) return "";
    throw new UsageError("cli/unexpected-value", `${rawName} is a switch and takes no value.`, { option: name, given: value });
  }
  // A negative number is a value; any other word that begins with a dash is the next option.
  const isNextOption = value !== undefined && inlineValue === false && value.startsWith("-") && value !== "-" && Number.isNaN(Number(value));
  if (value !== undefined && !isNextOption) return value;
  throw new UsageError("cli/missing-value", `${rawName} needs a value: ${rawName} ${placeholder}.`, { option: name });
}

function unknownOption(rawName: string, spellings: readonly string[]): UsageError {
  const known = spellings.filter((spelling) => spelling.length > 1);
  const similar = closest(rawName.replace(/^-+/, ""), known);
  const advice = similar === undefined ? "see --help for those there are" : `did you mean --${similar}`;
  const end = similar === undefined ? "." : "?";
  return new UsageError("cli/unknown-option", `There is no option ${rawName} here; ${advice}${end}`, { option: rawName, known });
}

function assignOperands<Placed extends Operands>(placed: readonly string[], operands: Placed): OperandValues<Placed> {
  const names = Object.keys(operands);
  if (placed.length > names.length) {
    const takes = names.length === 0 ? "takes no words besides its options" : `takes ${names.map((name) => name.toUpperCase()).join(" ")} only`;
    throw new UsageError("cli/unexpected-operand", `${JSON.stringify(placed[names.length])} is one word too many: the command ${takes}.`, {
      given: placed,
    });
  }
  const missing = names.find((name, index) => operands[name].required === "yes" && placed[index] === undefined);
  if (missing !== undefined) {
    throw new UsageError("cli/missing-operand", `The command needs ${missing.toUpperCase()}: ${operands[missing].help}.`, { operand: missing });
  }
  return Object.fromEntries(names.map((name, index) => [name, placed[index]])) as OperandValues<Placed>;
}
