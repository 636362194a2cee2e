#!/usr/bin/env node
import process from "node:process";
import { main } from "./main.ts";

// A reader that has seen enough (`| head -1`) is no fault; anything else wrong with the stream is.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

// Set, not passed to exit(): pending output is still written.
process.exitCode = await main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
});
