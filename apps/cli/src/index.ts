/** The command line as a function, for tests and for programs that embed it. The executable is `main.js`. */
export { main } from "./command-line/main.ts";
export { exitCodes, type ExitCode } from "./command-line/exit-codes.ts";
export { processEnvironment, type Environment, type Output } from "./environment.ts";
