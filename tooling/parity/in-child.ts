import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BackendName } from "@lethe/backends";
import type { BackendDescription } from "@lethe/conformance";
import { bundle } from "./bundle.ts";
import { answerInChromium, answerInNode, findChromium } from "./elsewhere.ts";
import { here } from "./here.ts";
import type { Answer } from "./program.ts";

type Sides = Pick<BackendDescription, "measure" | "measureReference">;

/** The backend in a Node of its own, with these variables; the reference here. */
export function inNode(backend: BackendName, environment: Readonly<Record<string, string>> | undefined, otherwise: string): Sides {
  return {
    ...here("cpu"),
    async measure() {
      if (environment === undefined) return { skipped: otherwise };
      const folder = await mkdtemp(join(tmpdir(), "parity-"));
      await bundle("node", folder);
      return measured(await answerInNode({ folder, backend, environment }));
    },
  };
}

/** WebGPU in headless Chromium, on an adapter in software; the reference here. */
export function inChromium(): Sides {
  return {
    ...here("cpu"),
    async measure() {
      const chromium = findChromium();
      if (chromium === undefined)
        return { skipped: "There is no Chromium; install Debian's package chromium, or name an executable in LETHE_CHROMIUM." };
      const folder = await mkdtemp(join(tmpdir(), "parity-"));
      await bundle("browser", folder);
      return measured(await answerInChromium({ folder, chromium, adapter: "software", patience: 600 }));
    },
  };
}

function measured(answer: Answer) {
  return "skipped" in answer ? answer : answer.measured;
}
