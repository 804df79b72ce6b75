/** Relabelling, which later papers call amnesiac unlearning: training on the retained samples and on the forgotten ones with wrong labels. */
export { amnesiacRelabel, amnesiacRelabelMethod } from "./relabel.ts";
export type { AmnesiacRelabelInput, AmnesiacRelabelOptions } from "./options.ts";
