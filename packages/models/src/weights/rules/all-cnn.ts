import type { NameRules } from "../name-rules.ts";

/**
 * All-CNN with batch norm of AdityaGolatkar/SelectiveForgetting: a `Sequential` of convolutions with their norms, where dropout, or nothing, has the
 * places 3 and 7.
 */
export const allCnnRules: NameRules = {
  conv1: "features.0.0.*",
  norm1: "features.0.1.*",
  conv2: "features.1.0.*",
  norm2: "features.1.1.*",
  conv3: "features.2.0.*",
  norm3: "features.2.1.*",
  conv4: "features.4.0.*",
  norm4: "features.4.1.*",
  conv5: "features.5.0.*",
  norm5: "features.5.1.*",
  conv6: "features.6.0.*",
  norm6: "features.6.1.*",
  conv7: "features.8.0.*",
  norm7: "features.8.1.*",
  conv8: "features.9.0.*",
  norm8: "features.9.1.*",
  classifier: "classifier.0.*",
};
