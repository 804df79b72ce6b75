import type { Block } from "../document.ts";
import { formatSeconds, groupThousands } from "../numbers.ts";
import type { Scene } from "../scene.ts";
import { plural, seedsInWords, upperFirst } from "../words.ts";
import { attackFigure } from "./attack.ts";
import { classesFigure } from "./classes.ts";
import { costFigure } from "./cost.ts";
import { confidenceFigure, lossFigure } from "./distributions.ts";
import { flagBlocks } from "./flags.ts";
import { layersFigure } from "./layers.ts";
import { resultsTable } from "./results-table.ts";

export function scenarioSection(scene: Scene): readonly Block[] {
  const figures = [costFigure, classesFigure, lossFigure, confidenceFigure, attackFigure, layersFigure];
  return [
    { kind: "heading", level: 2, text: scene.title, id: scene.id },
    { kind: "paragraph", text: facts(scene) },
    resultsTable(scene),
    ...flagBlocks(scene),
    ...figures.flatMap((figure) => figure(scene) ?? []),
  ];
}

function facts({ summary }: Scene): string {
  const { forgotten, sampleCounts, oracles, oracleSeconds, rows } = summary;
  const { retain, forget, test } = sampleCounts;
  const sets = `${groupThousands(retain)} samples retained, ${groupThousands(forget)} to forget, ${groupThousands(test)} to test`;
  const retraining = oracleSeconds === null ? "" : `; one retraining takes ${formatSeconds(oracleSeconds)}`;
  return `${upperFirst(forgotten)} forgotten: ${sets}. ${plural(oracles, "oracle")} for each of ${plural(rows[0].seeds.length, "seed")} (${seedsInWords(rows[0].seeds)})${retraining}.`;
}
