/** The rows of the whole library: a host, its pool, the default number of threads. */
import { createHost } from "../../dist/main/index.js";

const IN_FLIGHT = 16;

/**
 * @param {import("./programs.mjs").Program} program
 * @param {"own" | "jco"} linker
 * @param {string} cacheFolder
 * @returns {Promise<{ samplers: import("./rows.mjs").RunSamplers, close: () => Promise<void> }>}
 */
export async function poolColumn(program, linker, cacheFolder) {
  const host = await createHost({ bundles: program.bundles, cacheFolder, linker });
  const component = await host.load(program.component);
  /** Makes `left.count` runs, with others who take from the same heap. */
  const worker = async (/** @type {{ count: number }} */ left) => {
    while (left.count > 0) {
      left.count -= 1;
      const outcome = await host.run(component, program.call);
      if (!program.isRight(outcome)) throw new Error(`a run ended in ${JSON.stringify(outcome)}`);
    }
  };
  const sampler = (/** @type {number} */ inFlight) => async (/** @type {number} */ count) => {
    const left = { count };
    const start = process.hrtime.bigint();
    await Promise.all(Array.from({ length: inFlight }, () => worker(left)));
    return Number(process.hrtime.bigint() - start);
  };
  return {
    samplers: { "pool-one": { sample: sampler(1) }, "pool-16": { sample: sampler(IN_FLIGHT) } },
    close: () => host.close(),
  };
}
