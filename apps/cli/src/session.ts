import type { Environment } from "./environment.ts";
import { createProgress, noProgress, type ProgressDisplay } from "./terminal/progress.ts";
import { styleFor, type Style } from "./terminal/style.ts";

/** What a command works with while it runs. */
export interface Session {
  readonly environment: Environment;
  readonly progress: ProgressDisplay;
  /** For text on stderr. */
  readonly style: Style;
  /** One line on stderr for a person, unless `--quiet` or `--json`. */
  note(text: string): void;
}

export interface Verbosity {
  readonly quiet: boolean;
  readonly json: boolean;
}

export function createSession(environment: Environment, { quiet, json }: Verbosity): Session {
  const { stderr } = environment;
  const style = styleFor(stderr, environment);
  const silent = quiet || json;
  const progress = silent ? noProgress : createProgress(stderr, style);
  return {
    environment,
    progress,
    style,
    note(text) {
      if (silent) return;
      progress.clear();
      stderr.write(`${text}\n`);
    },
  };
}
