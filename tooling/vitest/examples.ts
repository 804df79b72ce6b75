import { readdirSync, readFileSync } from "node:fs";
import ts from "typescript";
import { describe, expect, test } from "vitest";

export interface ExamplesOptions {
  /** `import.meta.url` of the test file, which lies in the package's `src`. */
  readonly url: string;
  /** What the examples may use: the package's exports, and things that a reader is expected to have, e.g. `data`. Made anew for each example. */
  readonly scope: () => Record<string, unknown> | Promise<Record<string, unknown>>;
  /** Exported functions that need no example of their own, because another one's shows them. */
  readonly shownElsewhere?: readonly string[];
  /** The package's exports, where every function among them is to have an example. */
  readonly exports?: Readonly<Record<string, unknown>>;
}

/**
 * Runs the `@example` blocks of a package's sources and the `ts` blocks of its README. A line `expression; // value` is a promise that is checked,
 * if the comment reads as a JavaScript value; numbers in it may be rounded to six digits.
 */
export function describeExamples({ url, scope, exports = {}, shownElsewhere = [] }: ExamplesOptions): void {
  const here = new URL("./", url);
  const sources = readdirSync(here, { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && !/\.test\.ts$|fixtures/.test(file),
  );
  const examples = [...readmeExamples(new URL("../README.md", here)), ...sources.flatMap((file) => docExamples(new URL(file, here), file))];

  describe("examples in the documentation", () => {
    test("there is one in the README and one for every public function", () => {
      const functions = Object.entries(exports).filter(([, value]) => typeof value === "function");
      const shown = new Set([...examples.map(({ name }) => name.split(": ")[1]), ...shownElsewhere]);
      expect(functions.map(([name]) => name).filter((name) => !shown.has(name))).toEqual([]);
      expect(shown).toContain("0");
    });

    test.each(examples)("$name", async ({ code }) => {
      for (const { found, promised } of await run(code, await scope())) expect(rounded(found)).toEqual(rounded(promised));
    });
  });
}

interface Example {
  readonly name: string;
  readonly code: string;
}

function docExamples(file: URL, name: string): Example[] {
  const blocks = readFileSync(file, "utf8").matchAll(
    /@example\n([\s\S]*?)\*\/\s*export (?:abstract )?(?:async )?(?:function|class|interface|const) (\w+)/g,
  );
  return [...blocks].map(([, block, exported]) => ({ name: `${name}: ${exported}`, code: block.replaceAll(/^\s*\* ?/gm, "") }));
}

function readmeExamples(readme: URL): Example[] {
  return [...readFileSync(readme, "utf8").matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code], i) => ({
    name: `README.md: ${i}`,
    code: code.replaceAll(/^import .*$/gm, ""),
  }));
}

async function run(code: string, scope: Record<string, unknown>): Promise<{ found: unknown; promised: unknown }[]> {
  const pairs: { found: unknown; promised: unknown }[] = [];
  const promises = code.replaceAll(/^(?!\s*(?:const|let|\/\/))(.+?); \/\/ (.+)$/gm, (line, expression: string, value: string) =>
    isValue(value) ? `promise((${expression}), (${value}));` : line,
  );
  const { outputText } = ts.transpileModule(promises, { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext } });
  // In a block of its own, so that an example may give names of the scope to things of its own.
  const AsyncFunction = (async () => undefined).constructor as FunctionConstructor;
  const body = new AsyncFunction("promise", ...Object.keys(scope), `{ ${outputText} }`);
  await body((found: unknown, promised: unknown) => pairs.push({ found, promised }), ...Object.values(scope));
  return pairs;
}

function isValue(text: string): boolean {
  try {
    return new Function(`"use strict"; return (${text});`)() !== undefined;
  } catch {
    return false;
  }
}

/** Numbers to six digits; typed arrays are written as plain ones. */
function rounded(value: unknown): unknown {
  if (typeof value === "number") return Number(value.toFixed(6));
  if (ArrayBuffer.isView(value)) return rounded([...(value as Float64Array)]);
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value === "object" && value !== null) return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, rounded(part)]));
  return value;
}
