import * as tf from "@tensorflow/tfjs";
import { LetheError } from "../errors/index.ts";
import { recogniseEnding, type EndingInfo } from "./ending.ts";
import { layerInternals } from "./internals.ts";
import { Model, mirrorTrainable, type NetworkConfig, type NetworkFromConfig } from "./model.ts";
import { registerShardAggregate, ShardAggregate, type Aggregation } from "./shard-aggregate.ts";

export interface ShardedNetworkOptions {
  /** S, the number of constituents. */
  readonly shards: number;
  /** Default `"mean"`. */
  readonly aggregation?: Aggregation | undefined;
}

/**
 * S copies of a network side by side over one input, and a last layer that aggregates what they say: one plain `tf.LayersModel`, to be saved, loaded,
 * measured and used like any other, and which ends (in softmax, sigmoid or logits) as the given one does. Its layers are nested models `shard1`,
 * `shard2`, ..., the names in which begin with theirs, e.g. `shard1/dense`, and {@link ShardAggregate}.
 *
 * The copies have the weights of the given network, which is borrowed; `Model.initialise` draws weights of its own for each. A recipe whose order is by
 * shards trains each copy on a shard of its own.
 *
 * @throws LetheError `model/bad-option`, and what `new Model` throws.
 * @example
 * const ensemble = shardedNetwork(network, { shards: 3 });
 * ensemble.countParams() - 3; // 36
 * ensembleOf(new Model(ensemble)).constituents.length; // 3
 */
export function shardedNetwork(network: tf.LayersModel, { shards, aggregation = "mean" }: ShardedNetworkOptions): tf.LayersModel {
  if (!Number.isInteger(shards) || shards < 1) {
    throw new LetheError("model/bad-option", `A network cannot have ${shards} shards; give a whole number, 1 or more.`, { shards });
  }
  registerShardAggregate();
  const ending = recogniseEnding(network);
  const [{ shape, dtype }] = network.inputs;
  const input = tf.input({ shape: shape.slice(1), name: "input", ...(dtype === undefined ? {} : { dtype }) });
  const logits = Array.from(
    { length: shards },
    (_, shard) => copyWithoutEnding(network, ending, `shard${shard + 1}`).apply(input) as tf.SymbolicTensor,
  );
  const link = ending.ending === "sigmoid" || ending.ending === "binary" ? "sigmoid" : "softmax";
  const together = new ShardAggregate({ name: "aggregate", aggregation, link }).apply(logits) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: ended(together, ending.activation), name: `sharded_${network.name}` });
}

function ended(logits: tf.SymbolicTensor, activation: EndingInfo["activation"]): tf.SymbolicTensor {
  const name = "probabilities";
  if (activation === "linear") return logits;
  const layer = activation === "softmax" ? tf.layers.softmax({ name }) : tf.layers.activation({ activation, name });
  return layer.apply(logits) as tf.SymbolicTensor;
}

/** A network of its own that gives logits, every layer in it renamed `name/...`. */
function copyWithoutEnding(network: tf.LayersModel, { layer, activation }: EndingInfo, name: string): tf.LayersModel {
  const constructor = network.constructor as typeof tf.LayersModel & { fromConfig: NetworkFromConfig };
  const config = renamed(activation === "linear" ? network.getConfig() : endingIn(network.getConfig(), layer), `${name}/`);
  const copy = constructor.fromConfig(constructor, config);
  copy.name = name;
  mirrorTrainable(network, copy);
  copy.setWeights(network.getWeights());
  return copy;
}

/** The configuration with the last layer's softmax or sigmoid left out. */
function endingIn(config: NetworkConfig, last: tf.layers.Layer): NetworkConfig {
  return revived(config, (value) => {
    if (!isLayer(value) || value.config["name"] !== last.name || value.className !== last.getClassName()) return value;
    if (value.className !== "Softmax") return { ...value, config: { ...value.config, activation: "linear" } };
    return { ...value, className: "Activation", config: { name: last.name, trainable: true, activation: "linear" } };
  });
}

/** All layers renamed, in nested models and wrappers, too, and wherever a layer is spoken of. */
function renamed(config: NetworkConfig, prefix: string): NetworkConfig {
  const reference = (value: unknown): unknown => {
    if (!Array.isArray(value)) return value;
    return typeof value[0] === "string" ? [prefix + value[0], ...(value.slice(1) as unknown[])] : value.map(reference);
  };
  return revived(config, (value, key) => {
    if (["inboundNodes", "inputLayers", "outputLayers"].includes(key)) return reference(value);
    if (!isLayer(value)) return value;
    const { name } = value.config;
    return { ...value, ...("name" in value ? { name: prefix + String(value.name) } : {}), config: { ...value.config, name: prefix + String(name) } };
  });
}

interface LayerConfiguration {
  readonly className: string;
  readonly name?: unknown;
  readonly config: Readonly<Record<string, unknown>>;
}

/** Not an initialiser or a regulariser, which have no name. */
function isLayer(value: unknown): value is LayerConfiguration {
  if (typeof value !== "object" || value === null || !("className" in value) || !("config" in value)) return false;
  const { config } = value;
  return typeof config === "object" && config !== null && "name" in config;
}

function revived(config: NetworkConfig, body: (value: unknown, key: string) => unknown): NetworkConfig {
  return JSON.parse(JSON.stringify(config), (key, value: unknown) => body(value, key)) as NetworkConfig;
}

/** A sharded network, taken apart. */
export interface Ensemble {
  /** Models over the ensemble's own layers, shard by shard: the names of their parameters and buffers are names of the ensemble's. Not to be disposed. */
  readonly constituents: readonly Model[];
  readonly aggregation: Aggregation;
  /** Name of the buffer that holds how much each constituent has to say. */
  readonly weights: string;
}

/**
 * The constituents of a model that {@link shardedNetwork} made, or one that was loaded from such a one's files.
 *
 * @throws LetheError `model/not-sharded`.
 * @example
 * const ensemble = new Model(shardedNetwork(network, { shards: 2 }));
 * const { constituents } = ensembleOf(ensemble);
 * Object.keys(constituents[1].parameters).every((name) => name in ensemble.parameters); // true
 */
export function ensembleOf(model: Model): Ensemble {
  const info = model.layers.find(({ className }) => className === ShardAggregate.className);
  const networks = info === undefined ? [] : layerInternals(info.layer).inboundNodes[0].inboundLayers;
  if (info === undefined || !networks.every((network) => network instanceof tf.LayersModel)) {
    const sentence = "The model is not made of shards; build it with shardedNetwork(network, { shards: ... }).";
    throw new LetheError("model/not-sharded", sentence);
  }
  const constituents = networks.map((network) => new Model(network));
  const own = { ...model.parameters, ...model.buffers };
  for (const { parameters, buffers, network } of constituents) {
    const foreign = Object.entries({ ...parameters, ...buffers }).find(([name, tensor]) => own[name] !== tensor);
    if (foreign === undefined) continue;
    const sentence = `The weight ${foreign[0]} of ${network.name} has another name in the ensemble; give every layer of the network a name of its own.`;
    throw new LetheError("model/not-sharded", sentence, { weight: foreign[0] });
  }
  return { constituents, aggregation: (info.layer as ShardAggregate).aggregation, weights: info.buffers["weights"] };
}
