/** Fresh instances, as a thread of the pool makes them. */
import { join } from "node:path";
import { run } from "../../dist/worker/run.js";
import { preparePrograms } from "../runs/programs.mjs";
import { makeRequest } from "../runs/requests.mjs";

/**
 * @param {string} folder for its files and the cache
 * @returns {Promise<(turns: number) => Promise<void>>} two runs a turn
 */
export async function prepareRuns(folder) {
  const programs = await preparePrograms(folder);
  const slots = new Int32Array(new SharedArrayBuffer(64));
  /** @type {{ program: import("../runs/programs.mjs").Program, request: Awaited<ReturnType<typeof makeRequest>> }[]} */
  const pairs = [];
  for (const program of [programs.greet, programs.hello]) {
    pairs.push({ program, request: await makeRequest(program, "own", join(folder, "cache")) });
  }
  return async (turns) => {
    for (let turn = turns; turn > 0; turn--) {
      for (const { program, request } of pairs) {
        const claims = request.plan.libraries.map(() => ({}));
        const outcome = await run({ kind: "run", request, claims, adapterClaims: [] }, slots);
        if (!program.isRight(outcome)) throw new Error(`a run ended in ${JSON.stringify(outcome)}`);
      }
    }
  };
}
