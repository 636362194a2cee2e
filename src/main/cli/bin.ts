#!/usr/bin/env node
/** The program: as little as can be before Node keeps compiled code, the rest after it. */
import process from "node:process";
import { keepCompiledCode } from "./code-cache.ts";
import { DescriptorStream } from "./descriptor-stream.ts";

const codeFolder = keepCompiledCode();

async function start(): Promise<void> {
  const stderr = new DescriptorStream(2);
  const cwd = workingFolder();
  if (cwd === undefined) {
    stderr.write(
      "error: the working directory is gone, and paths are relative to it\n  help: cd to one that exists\n",
    );
    process.exitCode = 2;
    return;
  }
  const { main, reportLostOutput } = await import("./main.ts");
  const stdout = new DescriptorStream(1);
  const io = { stdout, stderr, env: process.env, cwd, ownProcess: { codeFolder } };
  const exitCode = await main(process.argv.slice(2), io);
  // Set, not passed to exit(): what a library left behind may still end by itself.
  process.exitCode = stdout.failure === undefined ? exitCode : reportLostOutput(stdout.failure, io);
}

function workingFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

void start();
