import { defineCommand } from "../command-line/command.ts";
import { surveyMethods } from "../methods/installed.ts";
import { loadMethod } from "../methods/load.ts";
import { methodReport } from "./methods/one.ts";
import { surveyReport } from "./methods/all.ts";

export const methods = defineCommand({
  name: "methods",
  about: "Lists the unlearning methods that are installed here, or shows one with all its options.",
  operands: { method: { help: "id, package or path of one method", required: "no" } },
  options: {},
  examples: ["lethe methods", "lethe methods ssd", "lethe methods ./my-method.js"],
  async run({ operands }, { environment: { cwd } }) {
    return operands.method === undefined ? surveyReport(await surveyMethods(cwd)) : methodReport(await loadMethod(operands.method, cwd));
  },
});
