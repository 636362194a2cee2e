/** The warm and cold rows of one linker. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { makeRequest } from "./requests.mjs";

const THREAD = new URL("thread.mjs", import.meta.url);
/** Two Int32s for each library of the process, by which threads decide who opens the file and who a copy. */
const claims = new SharedArrayBuffer(64);
/** Indices of those pairs, by path. */
const slots = new Map();

/**
 * @param {Readonly<Record<import("./programs.mjs").ProgramId, import("./programs.mjs").Program>>} programs
 * @param {"own" | "jco"} linker
 * @param {string} cacheFolder
 * @returns {Promise<{ samplers: import("./rows.mjs").RunSamplers, close: () => Promise<void> }>}
 */
export async function threadColumn(programs, linker, cacheFolder) {
  const warm = await startThread();
  const row = async (/** @type {import("./programs.mjs").ProgramId} */ id) => {
    const program = programs[id];
    const request = await makeRequest(program, linker, cacheFolder);
    return {
      warm: { sample: (/** @type {number} */ count) => ask(warm, program, request, count) },
      cold: {
        turns: 1,
        sample: async () => {
          const fresh = await startThread();
          const elapsedNs = await ask(fresh, program, request, 1);
          await fresh.terminate();
          return elapsedNs;
        },
      },
    };
  };
  const [add, greet, hello, quickjs] = [
    await row("add"),
    await row("greet"),
    await row("hello"),
    await row("quickjs"),
  ];
  return {
    samplers: {
      "warm-add": add.warm,
      "warm-greet": greet.warm,
      "warm-hello": hello.warm,
      "warm-quickjs": quickjs.warm,
      "cold-add": add.cold,
      "cold-greet": greet.cold,
      "cold-hello": hello.cold,
      "cold-quickjs": quickjs.cold,
    },
    close: async () => void (await warm.terminate()),
  };
}

async function startThread() {
  const thread = new Worker(THREAD, { workerData: { claims } });
  await once(thread, "message");
  return thread;
}

/**
 * @param {Worker} thread
 * @param {import("./programs.mjs").Program} program
 * @param {import("../../dist/shared/protocol.js").RunRequest} request
 * @param {number} count
 */
async function ask(thread, program, request, count) {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
  thread.postMessage({ request, claims: request.plan.libraries.map(claim), count });
  /** @type {import("./thread.mjs").Answer[]} */
  const [answer] = await once(thread, "message");
  if (answer?.last === undefined || !program.isRight(answer.last))
    throw new Error(`a run of ${program.component} ended in ${JSON.stringify(answer?.last)}`);
  return answer.elapsedNs;
}

function claim(/** @type {import("../../dist/shared/protocol.js").LibraryPlan} */ { path }) {
  const slot = slots.get(path) ?? slots.size;
  slots.set(path, slot);
  return { slot };
}
