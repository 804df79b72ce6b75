import type { Cost } from "@lethe/core";
import type { ResultRecord } from "../evaluation/result-record.ts";

export interface CostInput {
  /** Of the request: everything from its arrival to the finished weights, masks, importances and teachers made for it included. */
  readonly request: Cost;
  /** Done once, before any request arrives. */
  readonly preparation?: Cost;
  /** Tuning of hyper-parameters for this request. */
  readonly search?: Cost;
  /** Of training again without the forget set, on the same machine. */
  readonly retraining?: Cost;
}

/** One figure of a {@link costRecord}: a result like any other but for its unit. The value is null where what it needs was not given; there is no target. */
export interface CostFigure extends Omit<ResultRecord, "unit"> {
  readonly unit: "seconds" | "bytes" | "samples" | "ratio";
}

/**
 * What a deletion cost, figure by figure: the request and the preparation apart, with the ratios to retraining.
 *
 * Time is wall clock and comparable on one machine only; sample counts are comparable everywhere. Times of a device are right only if its
 * results were awaited. The name RTE is avoided: papers use it for minutes as well as for a ratio.
 *
 * @example
 * const cost = { samplesForward: 100, samplesBackward: 100, hessianVectorProducts: 0, bytesStored: 0, seconds: 2 };
 * costRecord({ request: cost, retraining: { ...cost, seconds: 10 } }).find(({ name }) => name === "speed-up")?.value; // 5
 */
export function costRecord({ request, preparation, search, retraining }: CostInput): CostFigure[] {
  const figure = (name: string, title: string, unit: CostFigure["unit"], recipe: string, value: number | null): CostFigure => {
    const direction = name === "speed-up" ? "higher" : "lower";
    return { name, version: 1, title, recipe, unit, value, target: null, direction, interval: null, flags: [] };
  };
  const gradients = ({ samplesBackward, hessianVectorProducts }: Cost) => samplesBackward + hessianVectorProducts;
  return [
    figure(
      "unlearn-time",
      "Unlearning time",
      "seconds",
      "Wall-clock time of the request; preparation, search and evaluation not included.",
      request.seconds,
    ),
    figure(
      "preparation-time",
      "Preparation time",
      "seconds",
      "Wall-clock time spent once before any request; not divided among requests.",
      preparation?.seconds ?? null,
    ),
    figure("search-time", "Search time", "seconds", "Wall-clock time of choosing hyper-parameters for this request.", search?.seconds ?? null),
    figure(
      "stored-bytes",
      "Storage",
      "bytes",
      "Bytes written or kept for later requests by the preparation and by the request.",
      request.bytesStored + (preparation?.bytesStored ?? 0),
    ),
    figure(
      "gradient-evaluations",
      "Gradient evaluations",
      "samples",
      "Samples that went through a backward pass in the request, plus Hessian-vector products times samples.",
      gradients(request),
    ),
    figure(
      "gradient-share",
      "Gradient evaluations, share of retraining",
      "ratio",
      "Gradient evaluations of the request divided by those of retraining.",
      ratio(gradients(request), retraining && gradients(retraining)),
    ),
    figure("forward-passes", "Forward passes", "samples", "Samples that went through a forward pass in the request.", request.samplesForward),
    figure(
      "speed-up",
      "Speed-up over retraining",
      "ratio",
      "Wall-clock time of retraining divided by that of the request; above 1 is faster than retraining.",
      retraining ? ratio(retraining.seconds, request.seconds) : null,
    ),
  ];
}

function ratio(value: number, unit: number | undefined): number | null {
  return unit === undefined || unit === 0 ? null : value / unit;
}
