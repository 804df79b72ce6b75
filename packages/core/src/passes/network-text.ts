import * as tf from "@tensorflow/tfjs";
import { LetheError } from "../errors/index.ts";
import { variableInternals } from "../model/internals.ts";
import type { Model, NetworkConfig, NetworkFromConfig } from "../model/model.ts";

/** What of a layer is trainable, which a configuration does not tell of nested networks that were frozen as a whole. */
interface Trainable {
  readonly layer: boolean;
  /** Roles of the trainable weights. */
  readonly roles: readonly string[];
  /** Of a nested network. */
  readonly layers: readonly Trainable[];
}

interface Description {
  readonly className: string;
  readonly name: string;
  readonly config: unknown;
  readonly layers: readonly Trainable[];
}

/** A model's network without the values of its weights, as text that {@link buildNetwork} makes the same network of. */
export function describeNetwork({ network, layers }: Model): string {
  // As the model found it: a network that is used may come to call weights of a frozen network within it trainable.
  const roles = new Map(layers.map(({ layer, parameters }) => [layer, Object.keys(parameters)]));
  const trainableOf = (layer: tf.layers.Layer): Trainable => ({
    layer: layer.trainable,
    roles: roles.get(layer) ?? [],
    layers: layer instanceof tf.LayersModel ? layer.layers.map(trainableOf) : [],
  });
  const description: Description = {
    className: network.getClassName(),
    name: network.name,
    config: network.getConfig(),
    layers: network.layers.map(trainableOf),
  };
  return JSON.stringify(description, withoutInitialisers);
}

/**
 * A network of its own, with zeros for weights.
 *
 * @throws LetheError `pool/unknown-class` for a layer (or an activation, a regulariser, ...) that is not registered in this thread.
 */
export function buildNetwork(text: string): tf.LayersModel {
  const { className, name, config, layers } = JSON.parse(text) as Description;
  const known = tf.serialization.SerializationMap.getMap().classNameMap[className];
  if (known === undefined) throw unknownClass("network", className);
  const [constructor, fromConfig] = known as unknown as [unknown, NetworkFromConfig];
  const network = build(() => fromConfig(constructor, config as NetworkConfig));
  network.name = name;
  network.layers.forEach((layer, i) => setTrainable(layer, layers[i]));
  return network;
}

function build(make: () => tf.LayersModel): tf.LayersModel {
  try {
    return make();
  } catch (error) {
    const unknown = /^Unknown ([\w ]+): (\S+)\. This may be due to/.exec(error instanceof Error ? error.message : "");
    throw unknown === null ? error : unknownClass(unknown[1], unknown[2], error);
  }
}

function unknownClass(kind: string, name: string, cause?: unknown): LetheError {
  const sentence = `A worker cannot build the model, because it does not know the ${kind} ${name}; give the pool the module that calls tf.serialization.registerClass(${name}) among its modules.`;
  return new LetheError("pool/unknown-class", sentence, { kind, name }, { cause });
}

/** Values come later: drawing them takes longer than all the rest. */
function withoutInitialisers(key: string, value: unknown): unknown {
  const isInitialiser = /initializer$/i.test(key) && typeof value === "object" && value !== null;
  return isInitialiser ? { className: "Zeros", config: {} } : value;
}

function setTrainable(layer: tf.layers.Layer, { layer: own, roles, layers }: Trainable): void {
  if (layer.trainable !== own) layer.trainable = own;
  if (layer instanceof tf.LayersModel) layer.layers.forEach((inner, i) => setTrainable(inner, layers[i]));
  else for (const weight of layer.weights.map(variableInternals)) weight.trainable = roles.includes(weight.originalName.split("/").at(-1) ?? "");
}
