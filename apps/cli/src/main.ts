#!/usr/bin/env node
import { main } from "./command-line/main.ts";
import { processEnvironment } from "./environment.ts";
import { exitCodes } from "./command-line/exit-codes.ts";

const interruption = new AbortController();

for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.on(name, () => {
    // The first interrupt lets the work save itself; whoever asks again does not want to wait for that.
    if (interruption.signal.aborted) process.exit(exitCodes.interrupted);
    interruption.abort(new Error(name));
  });
}

// `lethe ... | head` closes the pipe early, which is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(exitCodes.ok);
});

process.exitCode = await main(process.argv.slice(2), processEnvironment(interruption.signal));
