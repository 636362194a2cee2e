// A process with limits of the kernel: does one thing, and prints what came of it, as JSON.
import { openSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { endRunLimits, limitProcess, limitRun } from "../../../dist/worker/native/resource-limits.js";

const koffi = createRequire(import.meta.url)("koffi");
const { process: forGood = {}, run = {}, step, isEnded } = JSON.parse(process.argv[2]);
const refused = { ...limitProcess(forGood), ...limitRun(run) };
if (isEnded) endRunLimits();
const MIB = 2 ** 20;

const steps = {
  /** How many of 64 pieces of 4 MiB `malloc` gives. */
  allocate: () => {
    const malloc = koffi.load(null).func("malloc", "uintptr_t", ["size_t"]);
    let given = 0;
    while (given < 64 && malloc(4 * MIB) !== 0) given += 1;
    return given;
  },
  spin: () => {
    const endMs = performance.now() + 20_000;
    while (performance.now() < endMs);
    return "still there";
  },
  open: () => {
    try {
      for (let count = 0; ; count += 1) {
        openSync("/dev/null");
        if (count > 200) return "more than 200";
      }
    } catch (error) {
      return error.code;
    }
  },
  write: () => {
    try {
      writeFileSync(process.argv[3], new Uint8Array(MIB));
      return "written";
    } catch (error) {
      return error.code;
    }
  },
  dump: () => {
    process.abort();
  },
  nothing: () => "done",
};
process.stdout.write(JSON.stringify({ refused, result: steps[step]() }));
