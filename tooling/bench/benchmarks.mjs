// @ts-check

/**
 * @typedef {object} Measurement
 * @property {number} value
 * @property {number} [min]
 * @property {number} [max]
 * @property {number} [pairs]
 * @property {number} [firstSeconds]
 * @property {number} [secondSeconds]
 *
 * @typedef {object} Benchmark
 * @property {string} name "area.what_over_what" for a ratio
 * @property {"ratio" | "information"} kind a ratio can be compared between machines; information only describes this one
 * @property {string} [goal] in words: "at least 0.6"
 * @property {() => Promise<number | Measurement | import("./pairs.mjs").PairRatio>} run called once, in a process of its own
 */

/** A module of a package's build. It has no entry for users, and no types before it is built. @param {string} path */
const built = (path) => import(new URL(`../../packages/${path}`, import.meta.url).href);

/** @type {readonly Benchmark[]} */
export const benchmarks = [
  {
    name: "wasm.conv_backward_over_forward_rate",
    kind: "ratio",
    goal: "at least 0.6",
    run: async () => (await built("backends/dist/bench/conv.js")).convBackwardOverForwardRate(),
  },
  .../** @type {const} */ (["gradient", "fisher"]).map((pass) => ({
    name: pass === "gradient" ? "pool.two_workers_speedup" : "pool.two_workers_speedup.fisher",
    kind: /** @type {const} */ ("ratio"),
    goal: "at least 1.8",
    run: async () => (await import("./pool.mjs")).twoWorkersSpeedup(pass),
  })),
  { name: "fisher.exact_over_gradient", kind: "ratio", goal: "at most 2", run: async () => (await import("./fisher.mjs")).exactOverGradient() },
  { name: "fisher.naive_over_exact", kind: "ratio", run: async () => (await import("./fisher.mjs")).naiveOverExact() },
  { name: "ssd.scratch_over_prepared", kind: "ratio", run: async () => (await import("./ssd.mjs")).scratchOverPrepared() },
  ...["allcnn", "resnet8"].map((id) => ({
    name: id === "allcnn" ? "pgu.prepare_over_forward" : `pgu.prepare_over_forward.${id}`,
    kind: /** @type {const} */ ("ratio"),
    goal: "at most 3",
    run: async () => (await import("./pgu.mjs")).prepareOverForward(id),
  })),
  {
    name: "pgu.projected_step_over_step",
    kind: "ratio",
    goal: "at most 1.3",
    run: async () => (await import("./pgu.mjs")).projectedStepOverStep(),
  },
  {
    name: "pgu.retrain_over_request",
    kind: "ratio",
    goal: "at least 10",
    run: async () => (await import("./requests.mjs")).retrainOverRequest((await import("@lethe/pgu")).pgu()),
  },
  {
    name: "cure_newton.outer_step_over_gradient",
    kind: "ratio",
    run: async () => (await import("./cure-newton.mjs")).outerStepOverGradient(),
  },
  .../** @type {const} */ (["all", "head"]).map((parameters) => ({
    name: parameters === "all" ? "cure_newton.retrain_over_request" : "cure_newton.retrain_over_request.head",
    kind: /** @type {const} */ ("ratio"),
    goal: "at least 10",
    run: async () => {
      const { cureNewton } = await import("@lethe/cure-newton");
      return (await import("./requests.mjs")).retrainOverRequest(cureNewton({ preset: "fashion-mnist", parameters }));
    },
  })),
  ...["small-cnn", "mlp"].flatMap((id) => {
    const suffix = id === "mlp" ? ".mlp" : "";
    const kind = /** @type {const} */ ("ratio");
    return [
      {
        name: `hvp.over_gradient${suffix}`,
        kind,
        goal: "at most 3",
        run: async () => (await import("./curvature.mjs")).hessianOverGradient(id),
      },
      {
        name: `ggn.over_gradient${suffix}`,
        kind,
        goal: "at most 3",
        run: async () => (await import("./curvature.mjs")).gaussNewtonOverGradient(id),
      },
    ];
  }),
  {
    name: "lanczos20.over_20_hvp",
    kind: "ratio",
    goal: "at most 1.15",
    run: async () => (await import("./curvature.mjs")).lanczosOverProducts(),
  },
  ...[
    { size: 576, pairs: 9 },
    { size: 1152, pairs: 5 },
    { size: 2304, pairs: 3 },
    { size: 4608, pairs: 1 },
  ].map(({ size, pairs }) => ({
    name: `eigh.over_gemm.${size}`,
    kind: /** @type {const} */ ("ratio"),
    ...(size === 4608 ? { goal: "at most 20" } : {}),
    run: async () => (await import("./linalg.mjs")).eigenOverProduct(size, pairs),
  })),
  { name: "cubic.exact_over_eigh", kind: "ratio", run: async () => (await import("./linalg.mjs")).cubicOverEigen() },
  {
    name: "trajectory.recorded_over_plain_training",
    kind: "ratio",
    goal: "at most 1.05",
    run: async () => (await import("./trajectory.mjs")).recordedOverPlain(),
  },
  { name: "trajectory.stored_over_raw_bytes", kind: "ratio", run: async () => (await import("./trajectory.mjs")).storedOverRaw() },
  ...["small-cnn", "resnet8", "resnet20"].map((id) => ({
    name: `train.images_per_second.${id}`,
    kind: /** @type {const} */ ("information"),
    ...(id === "resnet20" ? { goal: "at least 70" } : {}),
    run: async () => (await import("./train.mjs")).imagesPerSecond(id),
  })),
];
