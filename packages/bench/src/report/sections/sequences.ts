import type { RowSummary } from "../../summary/summary.ts";
import { metricCell, metricOf } from "../columns.ts";
import { requestsChart, type RequestPoint } from "../charts/requests.ts";
import type { Block, Figure, Table } from "../document.ts";
import { formatSeconds } from "../numbers.ts";
import type { Scene } from "../scene.ts";
import { distinct } from "../words.ts";

/** Scenes of requests that follow one another, in their order. */
interface Sequence {
  readonly title: string;
  readonly scenes: readonly Scene[];
}

/** How methods fare as requests follow one another: what no section of a single request shows. */
export function sequencesSection(scenes: readonly Scene[]): readonly Block[] {
  const sequences = sequencesOf(scenes);
  if (sequences.length === 0) return [];
  return [
    { kind: "heading", level: 2, text: "Requests that follow one another", id: "sequences" },
    {
      kind: "paragraph",
      text:
        "Each answer starts from the one before. After every request the model is compared with models that were retrained without everything forgotten so far: what a method leaves behind, or damages, " +
        "adds up here.",
    },
    ...sequences.flatMap((sequence) => [
      { kind: "heading" as const, level: 3 as const, text: sequence.title },
      measured(sequence, "tug-of-war", "Tug-of-War after each request: 1 where accuracies are those of retraining"),
      measured(sequence, "forget-accuracy", "Forget accuracy after each request, over everything that should be forgotten, %"),
      measured(sequence, "retain-accuracy", "Retain accuracy after each request, %"),
      times(sequence),
      ...figure(sequence),
    ]),
  ];
}

function sequencesOf(scenes: readonly Scene[]): readonly Sequence[] {
  const keyOf = ({ summary: { problem, sequence } }: Scene) => (sequence === null ? undefined : `${problem}: ${sequence.name}`);
  const titles = distinct(scenes.flatMap((scene) => keyOf(scene) ?? []));
  return titles.map((title) => ({
    title,
    scenes: scenes.filter((scene) => keyOf(scene) === title).toSorted((a, b) => placeOf(a) - placeOf(b)),
  }));
}

function placeOf({ summary }: Scene): number {
  return summary.sequence!.request;
}

function methodsOf({ scenes }: Sequence): readonly string[] {
  return distinct(scenes.flatMap(({ summary }) => summary.rows.map(({ method }) => method)));
}

function rowOf({ summary }: Scene, method: string): RowSummary | undefined {
  return summary.rows.find((row) => row.method === method);
}

function headOf({ scenes }: Sequence): Table["head"] {
  return [{ title: "Method", align: "left" }, ...scenes.map((scene) => ({ title: `Request ${placeOf(scene)}`, align: "right" as const }))];
}

function measured(sequence: Sequence, name: string, caption: string): Table {
  return {
    kind: "table",
    caption: `${sequence.title}: ${caption}`,
    head: headOf(sequence),
    rows: methodsOf(sequence).map((method) => ({
      cells: [{ text: method }, ...sequence.scenes.map((scene) => metricCell(metricIn(scene, method, name)))],
    })),
  };
}

function metricIn(scene: Scene, method: string, name: string) {
  const row = rowOf(scene, method);
  return row && metricOf(row, name);
}

function times(sequence: Sequence): Table {
  const timed = methodsOf(sequence).filter((method) => sequence.scenes.some((scene) => rowOf(scene, method)?.seconds.request != null));
  return {
    kind: "table",
    caption: `${sequence.title}: time of each request`,
    head: headOf(sequence),
    rows: [
      ...timed.map((method) => ({
        cells: [{ text: method }, ...sequence.scenes.map((scene) => ({ text: formatSeconds(rowOf(scene, method)?.seconds.request ?? null) }))],
      })),
      {
        tone: "reference" as const,
        cells: [{ text: "retraining" }, ...sequence.scenes.map(({ summary }) => ({ text: formatSeconds(summary.oracleSeconds) }))],
      },
    ],
  };
}

function figure(sequence: Sequence): readonly Figure[] {
  const pointsOf = (method: string): readonly RequestPoint[] =>
    sequence.scenes.flatMap((scene) => {
      const metric = metricIn(scene, method, "tug-of-war");
      return metric?.mean == null ? [] : [{ request: placeOf(scene), value: metric.mean, interval: metric.interval }];
    });
  const [reference] = sequence.scenes;
  const roleOf = (method: string) => rowOf(reference, method)?.role;
  const before = methodsOf(sequence).find((method) => roleOf(method) === "do-nothing");
  const control = methodsOf(sequence).find((method) => roleOf(method) === "control");
  const shown = methodsOf(sequence).filter((method) => method !== before && method !== control && pointsOf(method).length > 0);
  if (shown.length === 0) return [];
  const lines = { original: before === undefined ? [] : pointsOf(before), oracles: control === undefined ? [] : pointsOf(control) };
  return [
    {
      kind: "figure",
      title: `${sequence.title}: drift`,
      caption: "Tug-of-War after each request; 1 is retraining. Means over seeds, upright lines are 95% intervals.",
      keys: [
        { label: "unlearned", shape: "line", colour: "unlearned" },
        { label: "doing nothing", shape: "dashes", colour: "original" },
        { label: "retrained (control)", shape: "line", colour: "oracles" },
      ],
      columns: 3,
      panels: shown.map((method) => {
        const points = pointsOf(method);
        const description = `${method}: Tug-of-War after ${points.map(({ request, value }) => `request ${request} ${value.toFixed(2)}`).join(", ")}.`;
        return { title: method, description, draw: () => requestsChart(description, { ...lines, unlearned: points }, sequence.scenes.length) };
      }),
    },
  ];
}
