/** Projected-gradient unlearning: second moments of every layer's inputs once, then per request a descent where the retained data does not look. */
export { pgu, pguMethod } from "./pgu.ts";
export type { PguArtifact } from "./artifact.ts";
export { presets, type PguInput, type PguOptions } from "./options.ts";
export { refresh, type Refreshed, type RefreshRequest } from "./refresh.ts";
export type { Drift } from "./drift.ts";
export { rankOf, type RankRule } from "./rank.ts";
export { protectedSubspace, type ProtectedSubspace } from "./subspace.ts";
export { packMoments, type PackedMoments } from "./statistics.ts";
export { projectionOut, type Projection } from "./projection.ts";
export { forgetLoss, type ForgetLoss, type ForgetLossOptions } from "./forget-loss.ts";
