import { resolve } from "node:path";
import { loadModel, writeFileAtomic } from "@lethe/core/files";
import { exportWeights, registerLayers, weightNames } from "@lethe/models";
import type { Report } from "../../command-line/command.ts";
import { UsageError } from "../../command-line/usage-error.ts";
import { openBackend } from "../../compute/backend.ts";
import { isThere } from "../../runs/folder.ts";
import type { WeightsRequest } from "../weights.ts";

/** `lethe weights export MODEL`. */
export async function exportedWeights({ path, architecture, options, session }: WeightsRequest): Promise<Report> {
  const { cwd } = session.environment;
  const { out, names: to = weightNames(architecture)[0] } = options;
  for (const option of ["shape", "classes"] as const) {
    if (options[option] === undefined) continue;
    throw new UsageError("cli/conflict", `--${option} belongs to lethe weights import; the model knows its own.`, { option });
  }
  if (!options.overwrite && (await isThere(resolve(cwd, out)))) {
    throw new UsageError("cli/output-exists", `${out} is there already; choose another --out, or add --overwrite to replace it.`, { path: out });
  }
  await openBackend("cpu");
  registerLayers();
  const network = await loadModel(resolve(cwd, path));
  try {
    const bytes = await exportWeights(network, { to, architecture });
    await writeFileAtomic(resolve(cwd, out), bytes);
    const data = { file: out, architecture, names: to, bytes: bytes.byteLength };
    return { data, text: ({ style }) => `The weights of ${path} are in ${style.bold(out)}, with ${to} names` };
  } finally {
    network.dispose();
  }
}
