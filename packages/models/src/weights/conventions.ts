import { LetheError } from "@lethe/core";
import type { ModelId } from "../registry.ts";
import type { NameRules } from "./name-rules.ts";
import { allCnnRules } from "./rules/all-cnn.ts";
import { cifarResNet, torchvisionResNet } from "./rules/res-net.ts";
import { lenet5Rules, mlpRules, smallCnnRules } from "./rules/small-networks.ts";
import { vggRules } from "./rules/vgg.ts";
import { timmVit, torchvisionVit } from "./rules/vit.ts";
import { wideResNetRules } from "./rules/wide-res-net.ts";

/**
 * Whose names a file's tensors have: `"torchvision"` and `"timm"`, those libraries' own networks; `"pytorch"`, the code that the literature shares,
 * see the README; `"keras"`, the names that Keras gives layers that got none, `conv2d`, `conv2d_1`, ...
 */
export type WeightNames = "torchvision" | "timm" | "pytorch" | "keras";

/** PyTorch's names by rule; Keras's by counting the layers of each class. */
export type Naming = { readonly library: "pytorch"; readonly rules: NameRules } | { readonly library: "keras" };

type Family = Readonly<Partial<Record<WeightNames, Naming>>>;

const pytorch = (rules: NameRules): Naming => ({ library: "pytorch", rules });
const keras: Naming = { library: "keras" };

const resNet: Family = { torchvision: pytorch(torchvisionResNet), timm: pytorch(torchvisionResNet), pytorch: pytorch(cifarResNet) };
const vit: Family = { torchvision: pytorch(torchvisionVit), timm: pytorch(timmVit) };
const smallResNet: Family = { pytorch: pytorch(cifarResNet) };
const wideResNet: Family = { pytorch: pytorch(wideResNetRules) };
// Keras counts layers in the order in which a program made them, which is sure to be ours only where each follows the one before.
const vgg: Family = { pytorch: pytorch(vggRules), keras };
const mlp: Family = { pytorch: pytorch(mlpRules), keras };

const families: Readonly<Record<ModelId, Family>> = {
  mlp,
  "purchase-mlp": mlp,
  lenet5: { pytorch: pytorch(lenet5Rules), keras },
  "small-cnn": { pytorch: pytorch(smallCnnRules), keras },
  allcnn: { pytorch: pytorch(allCnnRules), keras },
  "allcnn-24": { pytorch: pytorch(allCnnRules), keras },
  "small-vgg": vgg,
  vgg16: vgg,
  resnet8: smallResNet,
  resnet20: smallResNet,
  resnet18: resNet,
  resnet50: resNet,
  "resnet18-imagenet": resNet,
  "resnet50-imagenet": resNet,
  "wrn-16-4": wideResNet,
  "wrn-28-10": wideResNet,
  "vit-tiny": vit,
  "vit-tiny-16": vit,
  "vit-small-16": vit,
  "vit-base-16": vit,
  "text-mean": { keras },
  "text-transformer": {},
};

/**
 * Whose names the weights of an architecture can have, in files.
 *
 * @example
 * weightNames("resnet18"); // ["torchvision", "timm", "pytorch"]
 */
export function weightNames(architecture: ModelId): readonly WeightNames[] {
  return Object.keys(families[architecture]) as WeightNames[];
}

/** @throws LetheError `weights/unknown-names`. */
export function namingOf(architecture: ModelId, names: WeightNames): Naming {
  const naming = families[architecture][names];
  if (naming !== undefined) return naming;
  const known = weightNames(architecture);
  const advice = known.length === 0 ? "save it as a model.json instead" : `choose ${known.join(" or ")}`;
  throw new LetheError("weights/unknown-names", `There are no ${names} names for the weights of ${architecture}; ${advice}.`, {
    architecture,
    names,
    known,
  });
}
