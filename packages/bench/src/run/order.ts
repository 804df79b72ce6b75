import type { Experiment } from "../experiment/experiment.ts";

interface Placed {
  readonly id: string;
  readonly problem: string;
  readonly scenario: string;
  readonly method: string;
  readonly seed: number;
}

/** By problem, scenario, method and seed, as the file has them; the control last. What the file does not know, such as audits, is in the order of the ids. */
export function inOrderOf({ problems, scenarios, methods }: Experiment) {
  const place = (list: readonly { readonly name: string }[], name: string) => {
    const index = list.findIndex((each) => each.name === name);
    return index < 0 ? list.length : index;
  };
  const seedsOf = ({ problem }: Placed) => problems.find(({ name }) => name === problem)?.seeds ?? [];
  const rank = (run: Placed) => [
    place(problems, run.problem),
    place(scenarios, run.scenario),
    place(methods, run.method),
    seedsOf(run).indexOf(run.seed),
  ];
  return (a: Placed, b: Placed): number => {
    const [left, right] = [rank(a), rank(b)];
    const at = left.findIndex((value, index) => value !== right[index]);
    if (at >= 0) return left[at] - right[at];
    return a.id < b.id ? -1 : Number(a.id > b.id);
  };
}
