import { choice } from "../command-line/options.ts";

export const modelOption = {
  model: choice({ choices: ["mlp", "small-cnn", "resnet8", "resnet20"], help: "architecture; default: one that suits the shape of the data" }),
};
