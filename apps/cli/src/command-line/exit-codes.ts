/** What the process ends with; part of the public interface. */
export const exitCodes = {
  ok: 0,
  internal: 1,
  usage: 2,
  input: 3,
  environment: 4,
  unusable: 5,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** One line for the help text each. */
export const exitCodeMeanings: ReadonlyMap<ExitCode, string> = new Map([
  [exitCodes.ok, "done"],
  [exitCodes.internal, "an error inside Lethe; please report it"],
  [exitCodes.usage, "the command or its options are wrong"],
  [exitCodes.input, "the data, model, forget set or artifact is wrong"],
  [exitCodes.environment, "the machine lacks something: backend, method, disk space"],
  [exitCodes.unusable, "the result is not usable: training or unlearning diverged"],
  [exitCodes.interrupted, "interrupted; what was finished is kept"],
]);

/** Beginnings of error codes; the longest that fits decides. */
const byPrefix: readonly (readonly [prefix: string, exit: ExitCode])[] = [
  ["cli/", exitCodes.usage],
  ["options/", exitCodes.usage],
  ["recipe/", exitCodes.usage],
  ["artifact/", exitCodes.input],
  ["autodiff/", exitCodes.input],
  ["correction/", exitCodes.input],
  ["curvature/", exitCodes.input],
  ["data/", exitCodes.input],
  ["experiment/", exitCodes.input],
  ["forget/", exitCodes.input],
  ["poison/", exitCodes.input],
  ["duplicates/", exitCodes.input],
  ["loss/", exitCodes.input],
  ["metrics/", exitCodes.input],
  ["model/", exitCodes.input],
  ["problem/", exitCodes.input],
  ["replay/", exitCodes.input],
  ["results/", exitCodes.input],
  ["run/", exitCodes.input],
  ["safetensors/", exitCodes.input],
  ["train/", exitCodes.input],
  ["weights/", exitCodes.input],
  ["method/", exitCodes.input],
  ["file/", exitCodes.input],
  ["file/disk-full", exitCodes.environment],
  ["file/not-writable", exitCodes.environment],
  ["file/write-failed", exitCodes.environment],
  ["file/read-failed", exitCodes.environment],
  ["file/foreign-files", exitCodes.usage],
  ["method/not-installed", exitCodes.environment],
  ["method/not-loadable", exitCodes.environment],
  ["method/other-engine", exitCodes.environment],
  ["backend/", exitCodes.environment],
  ["environment/", exitCodes.environment],
  ["fetch/", exitCodes.environment],
  ["pass/", exitCodes.unusable],
  ["linalg/", exitCodes.unusable],
  ["linalg/out-of-memory", exitCodes.environment],
  ["train/non-finite", exitCodes.unusable],
  ["experiment/search-failed", exitCodes.unusable],
  ["result/", exitCodes.unusable],
  ["run/aborted", exitCodes.interrupted],
];

/**
 * The exit code that goes with an error code.
 *
 * @example
 * exitCodeOf("file/disk-full"); // 4
 * exitCodeOf("file/not-found"); // 3
 */
export function exitCodeOf(code: string): ExitCode {
  const fitting = byPrefix.filter(([prefix]) => code.startsWith(prefix)).toSorted(([a], [b]) => b.length - a.length);
  return fitting[0]?.[1] ?? exitCodes.internal;
}
