/** The method contract, version 1: what a method declares, what it is given and what it returns; and the nouns around it. */
export {
  configure,
  type AnyMethod,
  type Citation,
  type ConfiguredMethod,
  type Guarantee,
  type Needs,
  type Scenario,
  type SearchSpace,
  type UnlearningMethod,
} from "./contract.ts";
export { decodeArtifact, encodeArtifact, expectArtifactFits, type Artifact } from "./artifact.ts";
export type { Json } from "./json.ts";
export type { Outcome, OutcomeStatus } from "./outcome.ts";
export { createProblem, createTrainedProblem, type Problem, type TrainedProblem } from "./problem.ts";
export { expectOnRoll, identifyRoll, rollWithout, sampleRoll, type SampleRoll } from "./sample-roll.ts";
export { validateOptions, type StandardSchemaV1 } from "./options.ts";
