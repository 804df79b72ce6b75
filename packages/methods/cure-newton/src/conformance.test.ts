import { describeMethod } from "@lethe/conformance";
import { cureNewton } from "./index.ts";

describeMethod({
  name: "@lethe/cure-newton",
  configure: () => cureNewton({ steps: 3, innerSteps: 2, gradientBatch: 8, hessianBatch: 6, batchSize: 8 }),
  badOptions: [
    { options: { cubicConstant: 0 }, mentions: "cubicConstant" },
    { options: { steps: 0 }, mentions: "steps" },
    { options: { innerRate: -1 }, mentions: "innerRate" },
    { options: { perturbation: -0.1 }, mentions: "perturbation" },
    { options: { variant: "newton" }, mentions: "variant" },
    { options: { parameters: [] }, mentions: "parameters" },
    { options: { preset: "mnist" }, mentions: "preset" },
  ],
});
