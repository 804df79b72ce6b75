import * as tf from "@tensorflow/tfjs";
import { LetheError, expectShape } from "../errors/index.ts";
import { withSeededMathRandom, type Random } from "../random/index.ts";
import { hashTree, isFiniteTree, toHost, type TensorTree } from "../tree/index.ts";
import { undilate } from "./dilation.ts";
import { recogniseEnding, type Ending, type EndingInfo } from "./ending.ts";
import { layerInternals, single, variableInternals, type VariableInternals } from "./internals.ts";
import { describeLayers, type LayerInfo } from "./layers.ts";
import { substituting, type Substitution } from "./substitute.ts";

/** `inference`: batch norm by its moving statistics, no dropout. `training`: batch statistics, dropout on. */
export type Mode = "inference" | "training";

/** Everything a network's values consist of. */
export interface Weights {
  /** Trainable. */
  readonly parameters: TensorTree;
  /** Not trainable: batch-norm statistics, frozen layers. */
  readonly buffers: TensorTree;
}

export interface ForwardResult {
  /** `[n, c] float32`. */
  readonly logits: tf.Tensor2D;
  /** Sum of the layers' own weight penalties (`kernelRegularizer` and the like); `undefined` where there are none. In training mode only. */
  readonly penalty: tf.Scalar | undefined;
  /** The buffers after this call; equal to those passed in wherever the network did not write. */
  readonly buffers: TensorTree;
}

/**
 * A classifier: any `tf.LayersModel` with one input and one output, seen as a pure function z = f(parameters, inputs) of logits.
 *
 * The network is borrowed and never changed. A final softmax or sigmoid is recognised and left out, so that `logits` are logits whatever
 * the network ends in.
 *
 * @example
 * const network = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [2], activation: "softmax" })] });
 * const model = new Model(network);
 * model.classCount; // 3
 * model.logits(model.parameters, tf.zeros([5, 2])).shape; // [5, 3]
 */
export class Model {
  readonly network: tf.LayersModel;
  readonly ending: Ending;
  readonly classCount: number;
  /** Shape of one input; `null` marks an axis of free length. */
  readonly inputShape: readonly (number | null)[];
  readonly layers: readonly LayerInfo[];
  readonly #ending: EndingInfo;
  readonly #variables: { readonly parameters: Variables; readonly buffers: Variables };

  /** @throws LetheError `model/not-layers`, `model/outputs`, `model/ending`, `model/no-parameters`, `model/stateful`. */
  constructor(network: tf.LayersModel) {
    this.network = network;
    this.#ending = recogniseEnding(network);
    this.ending = this.#ending.ending;
    this.classCount = this.ending === "binary" ? 2 : this.#ending.units;
    this.inputShape = network.inputs[0].shape.slice(1);
    const taken = new Set<string>();
    this.#variables = { parameters: nameWeights(network.trainableWeights, taken), buffers: nameWeights(network.nonTrainableWeights, taken) };
    if (this.#variables.parameters.size === 0) {
      throw new LetheError("model/no-parameters", "The model has no trainable weights, so there is nothing to unlearn; are all its layers frozen?");
    }
    const named = [...this.#variables.parameters, ...this.#variables.buffers];
    this.layers = describeLayers(network, new Map(named.map(([name, variable]) => [variable.id, name])));
    const stateful = this.layers.find(({ layer }) => layer.stateful);
    if (stateful) {
      throw new LetheError(
        "model/stateful",
        `The layer ${stateful.name} carries state from one batch to the next, so that its output is no function of its input; build it with stateful: false.`,
        { layer: stateful.name },
      );
    }
  }

  /** The network's configuration as text: equal for networks that compute the same function of their weights, also once they have been saved. */
  get architecture(): string {
    return JSON.stringify(this.network.getConfig(), essential);
  }

  /** The network's own trainable weights, borrowed: do not dispose. */
  get parameters(): TensorTree {
    return readVariables(this.#variables.parameters);
  }

  /** The network's own other weights, borrowed. */
  get buffers(): TensorTree {
    return readVariables(this.#variables.buffers);
  }

  get weights(): Weights {
    return { parameters: this.parameters, buffers: this.buffers };
  }

  /** f(parameters, inputs) `[n, c] float32` with this network's buffers. */
  logits(parameters: TensorTree, inputs: tf.Tensor, mode: Mode = "inference", random?: Random): tf.Tensor2D {
    return tf.tidy(() => {
      const before = this.buffers;
      const { logits, buffers } = this.forward({ parameters, buffers: before }, inputs, mode, random);
      for (const [name, buffer] of Object.entries(buffers)) if (buffer !== before[name]) buffer.dispose();
      return logits;
    });
  }

  /**
   * One pass with explicit weights, differentiable in `weights.parameters`. The logits belong to the surrounding tidy; buffers that differ
   * from those passed in are the caller's to dispose. `random` decides dropout masks and noise layers in training mode.
   *
   * @throws LetheError `model/input-shape`.
   */
  forward(weights: Weights, inputs: tf.Tensor, mode: Mode, random?: Random): ForwardResult {
    return substituting((substitution) => this.forwardWithin(substitution, weights, inputs, mode, random));
  }

  /** As {@link forward}, inside a substitution that the caller has begun and will restore. */
  forwardWithin(substitution: Substitution, weights: Weights, inputs: tf.Tensor, mode: Mode, random?: Random): ForwardResult {
    expectShape("model/input-shape", "The input", [null, ...this.inputShape], inputs.shape);
    const buffers: Record<string, tf.Tensor> = { ...weights.buffers };
    for (const [name, variable] of this.#variables.parameters) {
      substitution.weight(variable, weights.parameters[name], () => undefined);
    }
    for (const [name, variable] of this.#variables.buffers) {
      substitution.weight(variable, weights.buffers[name], (value) => {
        // Layers write moving statistics from inside a tidy of their own, which would dispose the value.
        if (buffers[name] !== weights.buffers[name]) buffers[name].dispose();
        variable.val = buffers[name] = tf.keep(tf.clone(value));
      });
    }
    this.#ending.undo(substitution);
    for (const info of this.layers) {
      undilate(substitution, info);
      const { layer, className } = info;
      // tfjs cannot differentiate a batch norm without gamma or beta (it saves the missing tensor for the backward pass): give it constants.
      if (className !== "BatchNormalization") continue;
      const statistics = layer.weights[0].shape as number[];
      if (layerInternals(layer).scale === false) {
        substitution.field(layer, "scale", true);
        substitution.field(layer, "gamma", { read: () => tf.ones(statistics) });
      }
      if (layerInternals(layer).center === false) {
        substitution.field(layer, "center", true);
        substitution.field(layer, "beta", { read: () => tf.zeros(statistics) });
      }
    }
    const call = () => single(layerInternals(this.network).call([inputs], { training: mode === "training" }));
    const output = random ? withSeededMathRandom(random, call) : call();
    const logits = this.ending === "binary" ? tf.concat([tf.zerosLike(output), output], 1) : output;
    return { logits: logits as tf.Tensor2D, penalty: mode === "training" ? this.#penalty() : undefined, buffers };
  }

  #penalty(): tf.Scalar | undefined {
    const penalties = this.layers.flatMap(({ layer }) => layerInternals(layer).calculateLosses());
    return penalties.length === 0 ? undefined : (tf.addN(penalties) as tf.Scalar);
  }

  /** A network of its own with the same architecture and the given weights (default: this network's), which are copied. */
  copy(weights: Weights = this.weights): Model {
    const copy = this.#rebuild();
    try {
      for (const group of ["parameters", "buffers"] as const) {
        for (const [name, variable] of copy.#variables[group]) (variable.val as tf.Variable).assign(weights[group][name]);
      }
    } catch (error) {
      copy.dispose();
      throw error;
    }
    return copy;
  }

  /**
   * A network of its own with the same architecture and newly drawn weights: the layers' own initialisers, fed by `random`. What a frozen layer
   * holds was given before training and is kept; moving statistics begin anew even there, because tfjs goes on updating them.
   */
  initialise(random: Random): Model {
    const drawn = withSeededMathRandom(random.split("initialise"), () => this.#rebuild(withoutInitialiserSeeds));
    for (const { parameters, buffers } of this.layers) {
      if (Object.keys(parameters).length > 0) continue;
      for (const [role, name] of Object.entries(buffers)) {
        if (role.startsWith("moving_")) continue;
        (drawn.buffers[name] as tf.Variable).assign(this.buffers[name]);
      }
    }
    return drawn;
  }

  #rebuild(alter: (config: NetworkConfig) => NetworkConfig = (config) => config): Model {
    // fromConfig runs every layer's own initialisers and, unlike loading, is synchronous.
    const constructor = this.network.constructor as typeof tf.LayersModel & { fromConfig: NetworkFromConfig };
    const network = constructor.fromConfig(constructor, alter(this.network.getConfig()));
    network.name = this.network.name;
    mirrorTrainable(this.network, network);
    const copy = new Model(network);
    const mine = [...this.#variables.parameters.keys(), ...this.#variables.buffers.keys()];
    const theirs = [...copy.#variables.parameters.keys(), ...copy.#variables.buffers.keys()];
    if (mine.join() !== theirs.join()) {
      copy.dispose();
      throw new LetheError(
        "model/not-reproducible",
        "Rebuilding the model from its own configuration gave other weights; does a custom layer lack getConfig?",
        {
          expected: mine,
          actual: theirs,
        },
      );
    }
    return copy;
  }

  /**
   * SHA-256 over names, shapes and bits of all weights. The architecture counts as far as names and shapes tell it: two networks that differ in
   * an activation alone have equal hashes.
   */
  async hash(): Promise<string> {
    return hashWeights(this.weights);
  }

  /** @throws LetheError `model/non-finite` when a weight is NaN or infinite. */
  async expectFinite(): Promise<void> {
    for (const [name, tensor] of Object.entries({ ...this.parameters, ...this.buffers })) {
      if (isFiniteTree(await toHost({ [name]: tensor }))) continue;
      throw new LetheError("model/non-finite", `The weight ${name} holds NaN or infinite values; load an undamaged copy of the model.`, {
        weight: name,
      });
    }
  }

  /** Frees the network's own weights. Only for networks that Lethe made. */
  dispose(): void {
    // Not network.dispose(): that frees nothing of a layer that is applied twice.
    for (const group of Object.values(this.#variables)) for (const variable of group.values()) variable.val.dispose();
  }
}

/** {@link Model.hash} of a model with these weights. */
export async function hashWeights({ parameters, buffers }: Weights): Promise<string> {
  return hashTree({ ...(await toHost(parameters)), ...(await toHost(buffers)) });
}

/**
 * Leaves out what a configuration says beside the function: initialisers, names of networks (made up anew for each), and what some layers write as
 * null or by default and others leave out once they have been through a file.
 */
function essential(key: string, value: unknown): unknown {
  if (/initializer$/i.test(key) || key === "dtype" || value === null) return undefined;
  const isNetwork = typeof value === "object" && "layers" in value && "name" in value;
  return isNetwork ? { ...value, name: undefined } : value;
}

export type NetworkConfig = ReturnType<tf.LayersModel["getConfig"]>;
export type NetworkFromConfig = (cls: unknown, config: NetworkConfig) => tf.LayersModel;

/** A layer's own seed would draw the same weights whatever the random stream says. */
function withoutInitialiserSeeds(config: NetworkConfig): NetworkConfig {
  return JSON.parse(JSON.stringify(config), (key, value: unknown) => {
    const isInitialiser = /initializer$/i.test(key) && typeof value === "object" && value !== null && "config" in value;
    return isInitialiser ? { ...value, config: { ...(value.config as object), seed: null } } : value;
  }) as NetworkConfig;
}

/** Whether layers and weights are frozen is lost in a configuration where a whole nested model was frozen at once. */
export function mirrorTrainable(from: tf.LayersModel, to: tf.LayersModel): void {
  from.layers.forEach((layer, i) => {
    const twin = to.layers[i];
    if (twin.trainable !== layer.trainable) twin.trainable = layer.trainable;
    if (layer instanceof tf.LayersModel) mirrorTrainable(layer, twin as tf.LayersModel);
    else layer.weights.forEach((weight, k) => (variableInternals(twin.weights[k]).trainable = variableInternals(weight).trainable));
  });
}

type Variables = ReadonlyMap<string, VariableInternals>;

/** Names by layer and role; a name that two nested networks share gets a number. */
function nameWeights(weights: readonly unknown[], taken: Set<string>): Variables {
  const named = new Map<string, VariableInternals>();
  for (const variable of weights.map(variableInternals)) {
    let name = variable.originalName;
    for (let copy = 2; taken.has(name); copy++) name = `${variable.originalName}#${copy}`;
    taken.add(name);
    named.set(name, variable);
  }
  return named;
}

function readVariables(variables: Variables): TensorTree {
  return Object.fromEntries([...variables].map(([name, variable]) => [name, variable.val]));
}
