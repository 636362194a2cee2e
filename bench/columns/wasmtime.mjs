/**
 * The column of wasmtime: the same components in the runtime itself, its C API calling the same C library. No figure
 * contains Python, which only sets it up.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startWasmtime } from "../peers/wasmtime.mjs";
import { CALL_ROWS, VARIABLES } from "../rows.mjs";

/** The export of each lifted row, and the arguments that it takes: see `wasmtime.c`. */
const LIFTED = {
  "lifted-i32": ["add-i32", "i"],
  "lifted-string16": ["echo-string", "s"],
  "lifted-record": ["echo-sample", "r"],
};

const GROUPS = /** @type {const} */ (["lowered", "lifted", "wasi", "composed"]);

/** The rows of a group that there is here: an adapter is hostbundle's own, and the shim has no resources. */
const rowsOf = (/** @type {(typeof GROUPS)[number]} */ group) =>
  CALL_ROWS.filter((row) => row.group === group).map(({ id }) => id);

/**
 * @param {import("../guests/build.mjs").Guests} guests
 * @param {string} folder for its files
 * @returns {Promise<import("../calls.mjs").PreparedColumn>}
 */
export async function wasmtimeColumn(guests, folder) {
  for (const [name, bytes] of Object.entries(guests)) writeFileSync(join(folder, `${name}.wasm`), bytes);
  const item = (/** @type {(typeof GROUPS)[number]} */ group) => ({
    kind: "calls",
    component: join(folder, `${group}.wasm`),
    rows: group === "lifted" ? [] : rowsOf(group),
  });
  const peer = await startWasmtime(folder, [
    { ...item("lowered"), imports: { "bench:calls/host": "calls" } },
    { ...item("lifted"), lifted: LIFTED },
    { ...item("wasi"), variables: VARIABLES },
    item("composed"),
  ]);
  if ("skipped" in peer) return peer;
  const { version, sampler, close } = peer;
  return {
    version,
    close,
    samplers: Object.fromEntries(
      GROUPS.flatMap(rowsOf).map((id) => [id, { sample: sampler(id), callCount: undefined }]),
    ),
  };
}
