import { defineConfig } from "vitest/config";
import { preset } from "./tooling/vitest/preset.ts";

export default defineConfig(preset(["{packages,apps,tooling}/**/*.slow.test.ts"], 1_800_000));
