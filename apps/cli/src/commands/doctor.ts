import { exitCodes } from "../command-line/exit-codes.ts";
import { defineCommand } from "../command-line/command.ts";
import { backendOption } from "../compute/backend.ts";
import { checkBackend } from "./doctor/backend.ts";
import { checkDisk, checkMachine, checkNode } from "./doctor/machine.ts";
import { describeFindings } from "./doctor/report.ts";

export const doctor = defineCommand({
  name: "doctor",
  about:
    "Checks whether Lethe can work here: Node, memory, the TensorFlow.js backends and which one is chosen, whether it computes outputs, gradients and " +
    "Hessian products as float64 has them, how fast it is and what would be faster, and whether this folder can be written. Ends with 4 if something " +
    "essential is broken.",
  operands: {},
  options: backendOption,
  examples: ["lethe doctor", "lethe doctor --backend cpu --json"],
  async run({ options }, { environment: { cwd } }) {
    const backend = await checkBackend(options.backend);
    const findings = { ...backend, checks: [checkNode(), ...checkMachine(), ...backend.checks, await checkDisk(cwd)] };
    const broken = findings.checks.some(({ verdict }) => verdict === "broken");
    return {
      data: findings,
      text: (view) => describeFindings(findings, view),
      exitCode: broken ? exitCodes.environment : exitCodes.ok,
    };
  },
});
