/**
 * A thread like those of the pool: it has the pool's `workerData` and loads the pool's worker. It makes the runs that
 * it is asked for one after the other and answers how long they took, in nanoseconds.
 */
import { on } from "node:events";
import { pathToFileURL } from "node:url";
import { parentPort } from "node:worker_threads";
import { WORKER_FILE } from "../../dist/main/installation.js";

/** @type {(task: import("../../dist/shared/task.js").WorkerTask) => Promise<import("../../dist/shared/protocol.js").RunOutcome | undefined>} */
const work = (await import(pathToFileURL(WORKER_FILE).href)).default;

/**
 * @typedef {object} Question
 * @property {import("../../dist/shared/protocol.js").RunRequest} request
 * @property {import("../../dist/shared/task.js").LibraryClaim[]} claims
 * @property {number} count
 */
/** @typedef {{ elapsedNs: number, last: import("../../dist/shared/protocol.js").RunOutcome | undefined }} Answer */

if (parentPort === null) throw new Error("this is the code of a thread");
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
parentPort.postMessage("ready");
for await (const [question] of on(parentPort, "message")) {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
  parentPort.postMessage(await answer(question));
}

/**
 * @param {Question} question
 * @returns {Promise<Answer>}
 */
async function answer({ request, claims, count }) {
  /** @type {Answer["last"]} */
  let last;
  const start = process.hrtime.bigint();
  for (let turn = count; turn > 0; turn--) {
    last = await work({ kind: "run", request, claims, adapterClaims: [] });
    if (last?.status !== "ok") break;
  }
  return { elapsedNs: Number(process.hrtime.bigint() - start), last };
}
