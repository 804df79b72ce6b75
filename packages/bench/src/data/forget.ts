import { resolve } from "node:path";
import { LetheError, type Dataset } from "@lethe/core";
import { readFileChecked } from "@lethe/core/files";
import { forgetSet, parseForget, readIdList, type ForgetExpression, type ForgetSet } from "@lethe/datasets";

/**
 * Reads a forget set as people write it: `class=3`, `subclass=rocket`, `group=person:17`, `where=age>=30`, `poisoned`, `random=100`, or the path of a file of ids; see
 * `forgetGrammar` of `@lethe/datasets`.
 *
 * @param gone ids that an earlier request removed from the data.
 * @throws LetheError `forget/...`, and what reading a file throws.
 */
export async function readForget(given: string, data: Dataset, cwd: string, gone: readonly string[] = []): Promise<ForgetSet> {
  const expression = parseForget(given);
  const ids = await idsOf(expression, cwd);
  const goneBefore = new Set(gone);
  const again = ids.find((id) => goneBefore.has(id));
  if (again === undefined) return forgetSet(expression, data, ids);
  throw new LetheError("forget/already-forgotten", `The sample ${again} has been forgotten already, by an earlier request; leave it out.`, {
    id: again,
  });
}

/** What the file of an expression holds; nothing where there is no file. */
export async function idsOf(expression: ForgetExpression, cwd: string): Promise<readonly string[]> {
  if (expression.what !== "file") return [];
  const path = resolve(cwd, expression.path);
  return readIdList(await readFileChecked(path), path);
}
