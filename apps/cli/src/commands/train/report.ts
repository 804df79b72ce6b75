import { basename } from "node:path";
import type { Report } from "../../command-line/command.ts";
import { bytes, count, duration, percent, plural, significant } from "../../terminal/format.ts";
import { facts } from "../../terminal/facts.ts";
import type { View } from "../../terminal/view.ts";
import type { Trained } from "./finish.ts";

/** @param folder as the user wrote it. */
export function trainReport(folder: string, { manifest, parameters, accuracy }: Trained): Report {
  const { weights, training, data, model, recipe, backend } = manifest;
  return {
    data: {
      folder,
      weights,
      accuracy,
      parameters,
      training,
      data,
      model,
      recipe,
      recorded: manifest.recorded ?? null,
      backend,
      versions: manifest.versions,
    },
    text: (view) => describe(folder, { manifest, parameters, accuracy }, view),
  };
}

function describe(folder: string, { manifest, parameters, accuracy }: Trained, { style, lethe }: View): string {
  const { training, data, recipe, weights, recorded } = manifest;
  const name = "builder" in manifest.model ? manifest.model.builder : basename(manifest.model.imported);
  const resumed = training !== null && training.resumed > 0 ? `, resumed after epoch ${training.resumed}` : "";
  const shares = [
    accuracy.train === null ? [] : [`${percent(accuracy.train)} train`],
    accuracy.test === null ? [] : [`${percent(accuracy.test)} test`],
  ].flat();
  return [
    `${style.green("✓")} ${style.bold(name)} trained on ${data.train}: ${plural(data.size, "sample")}, ${plural(recipe?.epochs ?? 0, "epoch")}${resumed}`,
    "",
    ...facts(
      [
        ["accuracy", shares.join(", ")],
        ["loss", training?.loss === null || training === null ? "not measured" : significant(training.loss)],
        ["parameters", count(parameters)],
        ["time", `${duration(training?.cost.seconds ?? 0)} on ${manifest.backend}`],
        ["weights", `${weights?.slice(0, 16) ?? ""} ${style.dim("(sha256, first 16)")}`],
        ...(recorded === undefined ? [] : [["recorded", `${bytes(training?.cost.bytesStored ?? 0)} for ${recorded.method}`] as const]),
        ["saved in", folder],
      ],
      style,
    ),
    "",
    style.dim(`Next: ${lethe} unlearn ${folder} --method ${recorded?.name ?? "ssd"} --forget class=1`),
  ].join("\n");
}
