/** Where text goes: `process.stdout`, or a test's list of strings. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** All that the command line takes from the process around it. */
export interface Environment {
  /** Results only. */
  readonly stdout: Output;
  /** Progress, notes and errors. */
  readonly stderr: Output;
  readonly cwd: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Fires when the user interrupts. */
  readonly signal: AbortSignal;
}

export function processEnvironment(signal: AbortSignal): Environment {
  return { stdout: process.stdout, stderr: process.stderr, cwd: process.cwd(), variables: process.env, signal };
}
