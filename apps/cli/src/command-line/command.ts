import type { Session } from "../session.ts";
import type { View } from "../terminal/view.ts";
import type { ExitCode } from "./exit-codes.ts";
import { flag, type Options } from "./options.ts";
import { parseArguments, type Arguments, type Operands } from "./parse.ts";

/** What a command found out: as data for `--json`, as text for a person. */
export interface Report {
  readonly data: object;
  text(view: View): string;
  /** Default 0. */
  readonly exitCode?: ExitCode;
}

export interface CommandDefinition<Named extends Options, Placed extends Operands> {
  readonly name: string;
  /** Whole sentences for the top of its help. */
  readonly about: string;
  readonly operands: Placed;
  readonly options: Named;
  readonly examples: readonly string[];
  run(given: Arguments<Named, Placed>, session: Session): Promise<Report>;
}

/** A command whose options are its own affair. */
export interface Command {
  readonly name: string;
  readonly about: string;
  readonly operands: Operands;
  readonly options: Options;
  readonly examples: readonly string[];
  /** Checks the words, then returns the work. */
  prepare(words: readonly string[]): (session: Session) => Promise<Report>;
}

/** Understood by every command. */
export const commonOptions = {
  json: flag({ help: "print one JSON object on stdout, and nothing else" }),
  quiet: flag({ help: "no progress and no notes", aliases: ["q"] }),
  debug: flag({ help: "show the stack of an error" }),
  help: flag({ help: "show this help", aliases: ["h"] }),
};

export function defineCommand<Named extends Options, Placed extends Operands>(definition: CommandDefinition<Named, Placed>): Command {
  const { name, about, operands, options, examples } = definition;
  return {
    name,
    about,
    operands,
    options,
    examples,
    prepare(words) {
      const given = parseArguments(words, { ...options, ...commonOptions }, operands);
      return (session) => definition.run(given as Arguments<Named, Placed>, session);
    },
  };
}
