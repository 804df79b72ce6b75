import { UsageError } from "./usage-error.ts";

/** One `--name` of a command. Values are read from text once, here at the edge. */
export interface Option<Value> {
  readonly help: string;
  /** What stands for the value in the help text; a flag has none. */
  readonly placeholder?: string;
  /** Other spellings. */
  readonly aliases: readonly string[];
  readonly repeatable: "yes" | "no";
  /** @param given the texts, one for each time the option was written; `[""]` for a flag. */
  read(given: readonly string[], name: string): Value;
}

export type Options = Readonly<Record<string, Option<unknown>>>;

/** The values of a set of options, by name. */
export type Values<Definitions extends Options> = {
  readonly [Name in keyof Definitions]: Definitions[Name] extends Option<infer Value> ? Value : never;
};

interface Description {
  readonly help: string;
  readonly placeholder?: string;
  readonly aliases?: readonly string[];
}

/** Present or not. */
export function flag(description: Omit<Description, "placeholder">): Option<boolean> {
  return { aliases: [], ...description, repeatable: "no", read: (given) => given.length > 0 };
}

export function text(description: Description): Option<string | undefined> {
  return { placeholder: "TEXT", aliases: [], ...description, repeatable: "no", read: ([given]) => given };
}

/** Without it the command cannot be run. */
export function requiredText(description: Description): Option<string> {
  return {
    ...text(description),
    read([given], name) {
      if (given === undefined) throw new UsageError("cli/missing-option", `The option --${name} is needed: ${description.help}.`, { option: name });
      return given;
    },
  };
}

/** Any number of times. */
export function list(description: Description): Option<readonly string[]> {
  return { placeholder: "TEXT", aliases: [], ...description, repeatable: "yes", read: (given) => given };
}

interface NumberDescription extends Description {
  readonly least: number;
  readonly most?: number;
  readonly whole: "yes" | "no";
}

export function number({ least, most = Infinity, whole, ...description }: NumberDescription): Option<number | undefined> {
  return {
    placeholder: whole === "yes" ? "N" : "X",
    aliases: [],
    ...description,
    repeatable: "no",
    read([given], name) {
      if (given === undefined) return undefined;
      const value = Number(given);
      const fits = given.trim() !== "" && Number.isFinite(value) && value >= least && value <= most && (whole === "no" || Number.isInteger(value));
      if (fits) return value;
      const kind = whole === "yes" ? "a whole number" : "a number";
      const range = most === Infinity ? `${least} or more` : `from ${least} to ${most}`;
      throw new UsageError("cli/bad-value", `--${name} takes ${kind}, ${range}, not ${JSON.stringify(given)}.`, { option: name, given });
    },
  };
}

export function choice<const Choice extends string>({
  choices,
  ...description
}: Omit<Description, "placeholder"> & { readonly choices: readonly Choice[] }): Option<Choice | undefined> {
  return {
    placeholder: choices.join("|"),
    aliases: [],
    ...description,
    repeatable: "no",
    read([given], name) {
      const chosen = choices.find((each) => each === given);
      if (chosen !== undefined || given === undefined) return chosen;
      throw new UsageError("cli/bad-value", `--${name} takes ${choices.join(", ")}, not ${JSON.stringify(given)}.`, { option: name, given, choices });
    },
  };
}
