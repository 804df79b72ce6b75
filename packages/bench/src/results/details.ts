import { accuracyPerClass, crossEntropy, predictions, roc, type Roc, type SetLogits, type SetName } from "@lethe/metrics";
import type { CurvePoints, Histogram, ResultDetails, SetHistograms } from "./run-result.ts";

interface JudgedModels {
  readonly labels: Readonly<Record<SetName, ArrayLike<number>>>;
  readonly original: SetLogits;
  readonly unlearned: SetLogits;
  readonly oracles: readonly SetLogits[];
}

const setNames: readonly SetName[] = ["retain", "forget", "test"];

/** Losses of a well trained network span many powers of ten; below this all are the same to a reader. */
const smallestLoss = 1e-6;
const logLossEdges = edgesBetween(-6, 2, 32);
const confidenceEdges = edgesBetween(0, 1, 20);

/** Points that a curve is thinned to; the corners that low false-positive rates need are kept. */
const curvePoints = 200;

/** What a report draws, from what the models say. */
export function resultDetails({ labels, original, unlearned, oracles }: JudgedModels): Omit<ResultDetails, "layers" | "moved"> {
  const histograms = (edges: readonly number[], valueOf: (loss: number) => number) => (models: readonly SetLogits[]) =>
    bySet((set) =>
      histogram(
        edges,
        models.flatMap((logits) => Array.from(lossesOf(logits, labels, set), valueOf)),
      ),
    );
  const logLoss = histograms(logLossEdges, (loss) => Math.log10(Math.max(loss, smallestLoss)));
  const confidence = histograms(confidenceEdges, (loss) => Math.exp(-loss));
  const byModel = (draw: (models: readonly SetLogits[]) => SetHistograms) => ({
    original: draw([original]),
    unlearned: draw([unlearned]),
    oracles: draw(oracles),
  });
  const attack = (logits: SetLogits) => attackCurve(logits, labels);
  const classCount = original.retain.shape[1];
  const classes = (logits: SetLogits) => accuracyPerClass(predictions(logits.test), labels.test, classCount);
  return {
    logLoss: byModel(logLoss),
    confidence: byModel(confidence),
    attack: { original: attack(original), unlearned: attack(unlearned), oracles: oracles.map(attack).filter((curve) => curve !== null) },
    classAccuracy: { original: classes(original), unlearned: classes(unlearned), oracles: oracles.map(classes) },
  };
}

function lossesOf(logits: SetLogits, labels: JudgedModels["labels"], set: SetName): Float64Array {
  return crossEntropy(logits[set], labels[set]);
}

function bySet<Value>(body: (set: SetName) => Value): Record<SetName, Value> {
  return Object.fromEntries(setNames.map((set) => [set, body(set)])) as Record<SetName, Value>;
}

function edgesBetween(from: number, to: number, bins: number): readonly number[] {
  return Array.from({ length: bins + 1 }, (_, edge) => from + ((to - from) * edge) / bins);
}

/**
 * Shares of the values between neighbouring edges; the outer bins take what lies beyond.
 *
 * @example
 * histogram([0, 1, 2], [0.5, 1.5, 1.6, 7]).shares; // [0.25, 0.75]
 */
export function histogram(edges: readonly number[], values: readonly number[]): Histogram {
  const counts = Array.from({ length: edges.length - 1 }, () => 0);
  const width = edges[1] - edges[0];
  for (const value of values) counts[Math.min(Math.max(Math.floor((value - edges[0]) / width), 0), counts.length - 1)]++;
  return { edges, shares: counts.map((count) => (values.length === 0 ? 0 : count / values.length)) };
}

/** The loss attack: a low loss says "was trained on". Against test samples of the classes that occur in the forget set alone, or it would tell classes apart. */
function attackCurve(logits: SetLogits, labels: JudgedModels["labels"]): CurvePoints | null {
  const classes = new Set(Array.from(labels.forget));
  const unseen = lossesOf(logits, labels, "test").filter((_, position) => classes.has(labels.test[position]));
  const curve = roc({ members: lossesOf(logits, labels, "forget").map((loss) => -loss), nonMembers: unseen.map((loss) => -loss) });
  return curve && thinned(curve);
}

/** Every `(fpr, tpr)` of a short curve; of a long one those where the rates, on a logarithmic scale, have moved visibly. */
export function thinned({ falsePositiveRates, truePositiveRates }: Roc): CurvePoints {
  const fpr = Array.from(falsePositiveRates);
  const tpr = Array.from(truePositiveRates);
  const moved = (from: number, to: number) => to > from * 1.02 + 1 / (20 * curvePoints);
  const kept: number[] = [];
  fpr.forEach((x, index) => {
    const last = kept.at(-1);
    const ends = index === 0 || index === fpr.length - 1;
    if (ends || fpr.length <= curvePoints || moved(fpr[last!], x) || moved(tpr[last!], tpr[index])) kept.push(index);
  });
  return { fpr: kept.map((index) => fpr[index]), tpr: kept.map((index) => tpr[index]) };
}
