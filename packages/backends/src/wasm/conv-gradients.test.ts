import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { complaint, distance, onCpuThenWasm, runAll, values } from "../fixtures/backends.ts";
import type { Case, Result } from "../fixtures/backends.ts";
import { caseName, convCases, specialCases } from "../fixtures/conv-cases.ts";
import type { ConvCase } from "../fixtures/conv-cases.ts";
import { convGradients } from "../fixtures/loops.ts";
import { conv2dFilterGradient } from "./conv-filter-gradient.ts";
import { convInfo } from "./conv-geometry.ts";
import type { WasmBackend } from "./kernel.ts";

const table = [...convCases(0), ...specialCases()];

function operands(conv: ConvCase) {
  const info = convInfo(conv.input, conv.filter, conv);
  return {
    x: values(conv.input, 1),
    filter: values(conv.filter, 2),
    dy: values(info.outShape, 3),
    info,
  };
}

const kernels = (conv: ConvCase): Case => ({
  name: caseName(conv),
  run: () => {
    const { x, filter, dy } = operands(conv);
    const { strides, pad, dataFormat, dimRoundingMode } = conv;
    const attributes = { strides, pad, dataFormat, dimRoundingMode } as unknown as tf.NamedAttrMap;
    return [
      tf.engine().runKernel("Conv2D", { x, filter }, { ...attributes, dilations: 1 }) as tf.Tensor,
      tf.engine().runKernel("Conv2DBackpropInput", { dy, filter }, { ...attributes, inputShape: conv.input }) as tf.Tensor,
      tf.engine().runKernel("Conv2DBackpropFilter", { x, dy }, { ...attributes, filterShape: conv.filter }) as tf.Tensor,
    ];
  },
});

describe("conv2d and its gradients on wasm", () => {
  let cpu: Map<string, Result[]>;
  let wasm: Map<string, Result[]>;
  beforeAll(async () => {
    ({ cpu, wasm } = await onCpuThenWasm(table.map(kernels)));
  });

  it.each(table.map(caseName))("agrees with cpu: %s", (name) => {
    const actual = wasm.get(name) as Result[];
    (cpu.get(name) as Result[]).forEach((expected, index) => expect(distance(actual[index] as Result, expected)).toBeLessThan(1e-5));
  });

  it.each(table.filter(({ dataFormat }) => dataFormat === "NHWC").map((conv) => [caseName(conv), conv] as const))(
    "agrees with the definition in float64: %s",
    (name, conv) => {
      const { x, filter, dy, info } = operands(conv);
      const { dx, dw } = convGradients(x.dataSync(), filter.dataSync(), dy.dataSync(), info, "plain");
      const [, first, second] = wasm.get(name) as [Result, Result, Result];
      expect(distance(first, { shape: x.shape, data: Float32Array.from(dx) })).toBeLessThan(1e-5);
      expect(distance(second, { shape: filter.shape, data: Float32Array.from(dw) })).toBeLessThan(1e-5);
      tf.dispose([x, filter, dy]);
    },
  );

  it("finds the same filter gradient by convolution, where outer products cannot run", () => {
    const backend = tf.backend() as unknown as WasmBackend;
    const composed = table.map((conv): Case => ({
      name: caseName(conv),
      run: () => {
        const { x, dy } = operands(conv);
        const out = conv2dFilterGradient(backend, { x, dy }, { ...conv, filterShape: conv.filter }, () => undefined);
        return [tf.engine().makeTensorFromTensorInfo(out)];
      },
    }));
    const complaints = [...runAll(composed)].flatMap(([name, [actual]]) =>
      complaint(name, actual as Result, (cpu.get(name) as Result[])[2] as Result),
    );
    expect(complaints).toEqual([]);
  });
});
