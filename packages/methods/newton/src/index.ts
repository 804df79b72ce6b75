/** Newton unlearning by a pseudo-inverse or with damping: what CureNewton is compared with. */
export { newton, newtonMethod } from "./newton.ts";
export type { NewtonInput, NewtonOptions } from "./options.ts";
