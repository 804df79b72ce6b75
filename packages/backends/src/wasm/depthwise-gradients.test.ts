import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { complaint, distance, onCpuThenWasm, runAll, values } from "../fixtures/backends.ts";
import type { Case, Result } from "../fixtures/backends.ts";
import { caseName, convCases } from "../fixtures/conv-cases.ts";
import type { ConvCase } from "../fixtures/conv-cases.ts";
import { convGradients } from "../fixtures/loops.ts";
import { depthwiseFilterGradient, depthwiseInputGradient } from "./depthwise-gradients.ts";
import type { WasmBackend } from "./kernel.ts";
import { channelProductsLoop } from "./simd/channel-products.ts";

const table = [
  ...convCases(1),
  ...convCases(3),
  ...convCases(1).map((conv) => ({ ...conv, input: [2, 6, 7, 37], filter: [3, 3, 37, 1] }) as ConvCase),
];

function operands({ input, filter, strides, pad }: ConvCase, dilations = 1) {
  const info = tf.backend_util.computeConv2DInfo(input, filter, strides, dilations, pad, undefined, true);
  return { x: values(input, 1), filter: values(filter, 2), dy: values(info.outShape, 3), info };
}

const kernels = (conv: ConvCase): Case => ({
  name: caseName(conv),
  run: () => {
    const { x, filter, dy } = operands(conv);
    const attributes = {
      strides: conv.strides,
      pad: conv.pad,
      dilations: [1, 1],
    } as unknown as tf.NamedAttrMap;
    return [
      tf.engine().runKernel("DepthwiseConv2dNativeBackpropInput", { dy, filter }, { ...attributes, inputShape: conv.input }) as tf.Tensor,
      tf.engine().runKernel("DepthwiseConv2dNativeBackpropFilter", { x, dy }, { ...attributes, filterShape: conv.filter }) as tf.Tensor,
    ];
  },
});

describe("gradients of depthwiseConv2d on wasm", () => {
  let cpu: Map<string, Result[]>;
  let wasm: Map<string, Result[]>;
  beforeAll(async () => {
    ({ cpu, wasm } = await onCpuThenWasm(table.map(kernels)));
  });

  it.each(table.map(caseName))("agrees with cpu: %s", (name) => {
    const [expected, actual] = [cpu.get(name) as [Result, Result], wasm.get(name) as [Result, Result]];
    expect(distance(actual[0], expected[0])).toBeLessThan(1e-5);
    expect(distance(actual[1], expected[1])).toBeLessThan(1e-5);
  });

  it("agrees with the definition in float64, dilated too, which cpu computes wrongly", () => {
    const complaints: string[] = [];
    const backend = tf.backend() as unknown as WasmBackend;
    for (const conv of table) {
      for (const dilations of conv.strides[0] * conv.strides[1] === 1 && conv.pad === "same" ? [1, 2, 3] : [1]) {
        const { x, filter, dy, info } = operands(conv, dilations);
        const { dx, dw } = convGradients(x.dataSync(), filter.dataSync(), dy.dataSync(), info, "depthwise");
        const attributes = { ...conv, dilations };
        const actual = tf.tidy(() => [
          tf.engine().makeTensorFromTensorInfo(depthwiseInputGradient(backend, { dy, filter }, { ...attributes, inputShape: conv.input })),
          tf.engine().makeTensorFromTensorInfo(depthwiseFilterGradient(backend, { x, dy }, { ...attributes, filterShape: conv.filter })),
        ]);
        const [first, second] = actual.map((tensor) => ({
          shape: tensor.shape,
          data: tensor.dataSync(),
        })) as unknown as [Result, Result];
        const name = `${caseName(conv)} dilated ${dilations}`;
        complaints.push(...complaint(name, first, { shape: x.shape, data: Float32Array.from(dx) }));
        complaints.push(...complaint(name, second, { shape: filter.shape, data: Float32Array.from(dw) }));
        tf.dispose([x, filter, dy, ...actual]);
      }
    }
    expect(complaints).toEqual([]);
  });

  it("finds the same filter gradient by plain loops, where SIMD cannot run", () => {
    const backend = tf.backend() as unknown as WasmBackend;
    const loop = channelProductsLoop(() => new Float32Array(backend.wasm.HEAPU8.buffer));
    const plain = table.map((conv): Case => ({
      name: caseName(conv),
      run: () => {
        const { x, dy } = operands(conv);
        const out = depthwiseFilterGradient(backend, { x, dy }, { ...conv, filterShape: conv.filter }, () => loop);
        return [tf.engine().makeTensorFromTensorInfo(out)];
      },
    }));
    const complaints = [...runAll(plain)].flatMap(([name, [actual]]) => complaint(name, actual as Result, (cpu.get(name) as Result[])[1] as Result));
    expect(complaints).toEqual([]);
  });
});
