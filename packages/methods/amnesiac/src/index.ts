/** Amnesiac unlearning by logged updates. The relabelling that later papers call by the same name is in `@lethe/amnesiac/relabel`. */
export { amnesiac, amnesiacMethod } from "./amnesiac.ts";
export type { AmnesiacInput, AmnesiacOptions, SensitiveSelection } from "./options.ts";
