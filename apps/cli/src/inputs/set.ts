import { UsageError } from "../command-line/usage-error.ts";

/**
 * Options of a method from `--set name=value` words. Values are JSON where they can be (`10`, `true`, `[1, 2]`, `"a b"`), plain text otherwise;
 * `a.b=1` sets a field inside `a`. What the options mean is for the method's schema to say.
 *
 * @param option as the user wrote it.
 * @throws UsageError `cli/bad-set`.
 * @example
 * readSettings(["alpha=10", "selection=fixed"]); // { alpha: 10, selection: "fixed" }
 */
export function readSettings(words: readonly string[], option = "--set"): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const word of words) {
    const at = word.indexOf("=");
    if (at <= 0) throw new UsageError("cli/bad-set", `${option} ${word} is not understood; write ${option} name=value.`, { given: word });
    assign(settings, word.slice(0, at).split("."), readValue(word.slice(at + 1)), `${option} ${word}`);
  }
  return settings;
}

function assign(target: Record<string, unknown>, [name, ...deeper]: readonly string[], value: unknown, given: string): void {
  if (name === "" || name === "__proto__")
    throw new UsageError("cli/bad-set", `${given} names no option; write ${given.split(" ")[0]} name=value.`, { given });
  if (deeper.length === 0) {
    if (Object.hasOwn(target, name)) throw new UsageError("cli/bad-set", `${given} gives ${name} a second time; which one is meant?`, { given });
    target[name] = value;
    return;
  }
  const inner = Object.hasOwn(target, name) ? target[name] : (target[name] = {});
  if (typeof inner !== "object" || inner === null || Array.isArray(inner)) {
    throw new UsageError("cli/bad-set", `${given} reaches into ${name}, which another one makes a plain value.`, { given });
  }
  assign(inner as Record<string, unknown>, deeper, value, given);
}

function readValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
