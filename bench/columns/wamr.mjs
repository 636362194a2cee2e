/**
 * The column of WAMR, where `iwasm` is installed (or named by IWASM). It has no components: the same loops run in a
 * core module, and the C library serves its raw imports. As built by default it interprets.
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { compileLibrary } from "../compiler.mjs";
import { CORE_ROWS, LOWERED_CORE } from "../guests/lowered.mjs";
import { LineProcess } from "../peers/line-process.mjs";

const IWASM = process.env["IWASM"] ?? "iwasm";

/**
 * @param {string} folder for its files
 * @returns {Promise<import("../calls.mjs").PreparedColumn>}
 */
export async function wamrColumn(folder) {
  const { status, stdout } = spawnSync(IWASM, ["--version"], { encoding: "utf8" });
  if (status !== 0) return { skipped: `no ${IWASM} on the PATH (set IWASM to name it)` };
  const library = join(folder, "libwamr-bench.so");
  compileLibrary(fileURLToPath(new URL("../peers/wamr.c", import.meta.url)), library);
  const module = join(folder, "lowered-core.wasm");
  writeFileSync(module, await parse(LOWERED_CORE));
  const iwasm = new LineProcess(IWASM, [`--native-lib=${library}`, "--repl", module]);
  return {
    version: `${stdout.trim().split("\n")[0]}, a core module`,
    close: () => iwasm.close(),
    samplers: Object.fromEntries(
      CORE_ROWS.map((row) => [
        row,
        {
          // "webassembly> 0x1a2b:i64", the prompt being that of the question.
          sample: async (/** @type {number} */ count) => {
            const answer = await iwasm.ask(`time-${row} ${count}`);
            const hex = /(0x[0-9a-f]+):i64/u.exec(answer)?.[1];
            if (hex === undefined) throw new Error(`iwasm answered ${answer}`);
            return Number(BigInt(hex));
          },
          callCount: undefined,
        },
      ]),
    ),
  };
}
