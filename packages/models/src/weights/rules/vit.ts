import type { NameRules } from "../name-rules.ts";

/** `VisionTransformer` of timm: queries, keys and values in one layer, as here and in the same order. */
export const timmVit: NameRules = {
  patches: "patch_embed.proj.*",
  class: "cls_token",
  positions: "pos_embed",
  "block{block}/norm{n}": "blocks.{block-1}.norm{n}.*",
  "block{block}/attention/qkv": "blocks.{block-1}.attn.qkv.*",
  "block{block}/attention/project": "blocks.{block-1}.attn.proj.*",
  "block{block}/hidden": "blocks.{block-1}.mlp.fc1.*",
  "block{block}/output": "blocks.{block-1}.mlp.fc2.*",
  norm: "norm.*",
  classifier: "head.*",
};

/** `VisionTransformer` of torchvision, whose attention is PyTorch's own. */
export const torchvisionVit: NameRules = {
  patches: "conv_proj.*",
  class: "class_token",
  positions: "encoder.pos_embedding",
  "block{block}/norm{n}": "encoder.layers.encoder_layer_{block-1}.ln_{n}.*",
  "block{block}/attention/qkv": "encoder.layers.encoder_layer_{block-1}.self_attention.in_proj_*",
  "block{block}/attention/project": "encoder.layers.encoder_layer_{block-1}.self_attention.out_proj.*",
  "block{block}/hidden": "encoder.layers.encoder_layer_{block-1}.mlp.0.*",
  "block{block}/output": "encoder.layers.encoder_layer_{block-1}.mlp.3.*",
  norm: "encoder.ln.*",
  classifier: "heads.head.*",
};

/** torchvision's published files are older than its present names, and renamed there when they are loaded. */
export function olderTorchvisionNames(name: string): string {
  return name.replace(/\.mlp\.linear_1\./, ".mlp.0.").replace(/\.mlp\.linear_2\./, ".mlp.3.");
}
