import { defineConfig } from "vitest/config";
import { preset } from "./tooling/vitest/preset.ts";

export default defineConfig(preset(["{packages,apps,tooling}/**/*.test.ts", "!**/*.slow.test.ts"], 120_000));
