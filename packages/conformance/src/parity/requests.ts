import { Model, toHost, unlearn, type AnyMethod } from "@lethe/core";
import { models } from "./networks.ts";
import type { ParityCase } from "./parity-case.ts";

/** A method whose requests are compared. */
export interface ParityMethod {
  /** For the report: "SSD". */
  readonly name: string;
  /** The method with options that suit 12 samples. */
  configure(): AnyMethod;
  /** Of the network to be changed; default all. */
  readonly networks?: readonly string[];
}

/** What is left of each network's weights after two of its samples of one class were forgotten. */
export function requestCases(methods: readonly ParityMethod[]): readonly ParityCase[] {
  return methods.flatMap(({ name, configure, networks = Object.keys(models) }) =>
    networks.map((network) => ({
      group: "requests" as const,
      name: `${name} on a ${network}`,
      async compute() {
        const { model, data } = models[network]();
        try {
          const { model: changed, status } = await unlearn({ model, data, forget: ["s1", "s4"], method: configure(), seed: 1 });
          const result = new Model(changed);
          const weights = { ...(await toHost(result.parameters)), ...(await toHost(result.buffers)) };
          result.dispose();
          // As numbers, so that another ending shows as a deviation like any other.
          return { ...weights, status: { shape: [status.length], values: Array.from(status, (letter) => letter.charCodeAt(0)) } };
        } finally {
          model.dispose();
        }
      },
    })),
  );
}
