import { join } from "node:path";
import { saveRun } from "../../runs/folder.ts";
import { saveArtifact, artifactName } from "../../runs/artifacts.ts";
import type { RunManifest } from "../../runs/manifest.ts";
import type { Made } from "./work.ts";

/** The original, what ssd prepared for it, and one folder for each answer; the oracles are saved already. */
export async function saveDemo(folder: string, manifest: RunManifest, { original, prepared, cases }: Made): Promise<void> {
  const trained: RunManifest = { ...manifest, weights: original.weights, training: { cost: original.cost, loss: original.loss, resumed: 0 } };
  const home = join(folder, "original");
  await saveRun(home, { model: original.model, manifest: trained });
  if (prepared.artifact !== undefined) await saveArtifact(join(home, artifactName("ssd")), prepared.artifact);
  for (const { scenario, results } of cases) {
    for (const [method, { model, weights, options, status, message, report, cost, preparation, artifact }] of results) {
      const request = {
        method,
        options,
        seed: manifest.recipe?.seed ?? 0,
        selection: scenario.selection,
        forgotten: [...scenario.forgotten],
        status,
        message,
        report,
        cost,
        preparation: preparation ?? null,
        from: original.weights,
        source: "../../original",
        at: new Date().toISOString(),
      };
      const unlearned = { ...trained, weights, forgotten: [...scenario.forgotten], lineage: [request] };
      await saveRun(join(folder, scenario.id, method), { model, manifest: unlearned, artifact });
    }
  }
}
