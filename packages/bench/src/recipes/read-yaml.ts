import { LetheError } from "@lethe/core";
import { LineCounter, parseDocument } from "yaml";

/**
 * The value that a YAML file stands for, as JSON would have it.
 *
 * @param code of the error, which names line and column where they are known.
 */
export function readYaml(source: string, path: string, code: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw new LetheError(code, `${path} is not YAML: line ${line}, column ${col}: ${error.message}`, { path, line, column: col });
  }
  try {
    return document.toJS();
  } catch (cause) {
    // An alias of an anchor that comes later, or one that unfolds into millions.
    throw new LetheError(code, `${path} is not YAML: ${cause instanceof Error ? cause.message : String(cause)}`, { path }, { cause });
  }
}
