/** Laws: what every unlearning method promises, each as a check of its own. */
import type { MethodLaw } from "../law.ts";
import { artifactNamesOwner, artifactSurvivesSaving } from "./artifact.ts";
import { borrows, handsOver, keepsShapes, leavesGlobals, leavesNoTensor } from "./borrowing.ts";
import { cites, declares, keepsOptions, refusesOptions, searchesItsOptions, supportsNeeds } from "./declarations.ts";
import { forgetsExactly, ignoresLabels, repeats } from "./determinism.ts";
import { describesOutcome, refusesBadData, refusesBadWeights, speaksTruth } from "./failure.ts";
import { stopsWhenTold } from "./interruption.ts";
import { reportsProgress } from "./progress.ts";
import { readsForget, readsNoRetained, survivesLossOfD } from "./reading.ts";
import { emptyRequest, nextRequest, resultIsNetwork } from "./request.ts";

/** The laws of the method contract, version 1. */
export const methodLaws: readonly MethodLaw[] = [
  declares,
  supportsNeeds,
  cites,
  keepsOptions,
  refusesOptions,
  searchesItsOptions,
  borrows,
  leavesGlobals,
  handsOver,
  leavesNoTensor,
  keepsShapes,
  repeats,
  ignoresLabels,
  forgetsExactly,
  readsNoRetained,
  readsForget,
  survivesLossOfD,
  stopsWhenTold,
  reportsProgress,
  refusesBadData,
  refusesBadWeights,
  describesOutcome,
  speaksTruth,
  emptyRequest,
  nextRequest,
  resultIsNetwork,
  artifactNamesOwner,
  artifactSurvivesSaving,
];
