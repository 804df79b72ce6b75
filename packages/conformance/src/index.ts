/**
 * Conformance: the laws that every unlearning method obeys, tried on small problems of every sort. `describeMethod` makes a vitest suite of
 * them; `methodLaws` are the same checks without a test framework.
 */
export { describeBackend, type BackendDescription } from "./describe-backend.ts";
export { describeMethod, type MethodDescription } from "./describe-method.ts";
export { methodLaws } from "./laws/index.ts";
export type { BadOptions, MethodLaw, Trial } from "./law.ts";
export { suits, testProblems, type TestProblem } from "./problems/index.ts";
