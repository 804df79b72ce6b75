import { text } from "../command-line/options.ts";

export const modelOption = {
  model: text({ placeholder: "ID", help: "architecture, as lethe models lists them; default: one that suits the shape of the data" }),
};
