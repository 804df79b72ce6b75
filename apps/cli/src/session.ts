import type { Environment } from "./environment.ts";
import { createLive, noLive, type Live } from "./terminal/live.ts";
import { createProgress, noProgress, type ProgressDisplay } from "./terminal/progress.ts";
import { styleFor, type Style } from "./terminal/style.ts";
import { marked } from "./terminal/wrap.ts";

/** What a command works with while it runs. */
export interface Session {
  readonly environment: Environment;
  readonly progress: ProgressDisplay;
  /** For work of many parts, in the place of `progress`. */
  readonly live: Live;
  /** For text on stderr. */
  readonly style: Style;
  /** One line on stderr for a person, unless `--quiet` or `--json`. */
  note(text: string): void;
  /** A marked note of some sentences, wrapped where there is a terminal. */
  warn(text: string): void;
  /** Takes away whatever is shown of the work. */
  clear(): void;
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
  const live = silent ? noLive : createLive(stderr);
  const clear = () => {
    progress.clear();
    live.clear();
  };
  const note = (text: string) => {
    if (silent) return;
    clear();
    stderr.write(`${text}\n`);
  };
  return {
    environment,
    progress,
    live,
    style,
    clear,
    note,
    warn: (text) => note(marked(style.yellow("!"), text, { columns: stderr.columns ?? Infinity }).join("\n")),
  };
}
