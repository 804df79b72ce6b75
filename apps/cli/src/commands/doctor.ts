import { exitCodes } from "../command-line/exit-codes.ts";
import { defineCommand } from "../command-line/command.ts";
import { backendOption } from "../compute/backend.ts";
import { checkBackend } from "./doctor/backend.ts";
import { checkDisk, checkMachine, checkNode } from "./doctor/machine.ts";
import { describeChecks } from "./doctor/report.ts";

export const doctor = defineCommand({
  name: "doctor",
  about:
    "Checks whether Lethe can work here: Node, memory, the TensorFlow.js backends and which one is chosen, gradients against their closed form, speed, " +
    "and whether this folder can be written. Ends with 4 if something essential is broken.",
  operands: {},
  options: backendOption,
  examples: ["lethe doctor", "lethe doctor --backend cpu --json"],
  async run({ options }, { environment: { cwd } }) {
    const { checks: backend, considered } = await checkBackend(options.backend);
    const checks = [checkNode(), ...checkMachine(), ...backend, await checkDisk(cwd)];
    const broken = checks.some(({ verdict }) => verdict === "broken");
    return {
      data: { checks, considered },
      text: (view) => describeChecks(checks, considered, view),
      exitCode: broken ? exitCodes.environment : exitCodes.ok,
    };
  },
});
