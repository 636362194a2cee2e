/** The rows of sessions, on the hosts and the guest of those of isolation. */

/**
 * @param {"thread" | "process"} isolation
 * @param {import("./isolation.mjs").Opened} opened
 * @returns {Promise<import("./rows.mjs").RunSamplers>}
 */
export async function sessionSamplers(isolation, { host, component }) {
  // Its host closes it.
  const living = await host.open(component);
  return {
    [`session-${isolation}`]: {
      sample: async (/** @type {number} */ count) => {
        const start = process.hrtime.bigint();
        for (let turn = count; turn > 0; turn--) await five(living);
        return Number(process.hrtime.bigint() - start);
      },
    },
    [`session-${isolation}-open`]: {
      sample: async (/** @type {number} */ count) => {
        const start = process.hrtime.bigint();
        for (let turn = count; turn > 0; turn--) {
          const session = await host.open(component);
          await five(session);
          await session.close();
        }
        return Number(process.hrtime.bigint() - start);
      },
    },
  };
}

async function five(/** @type {import("../../dist/main/index.js").Session} */ session) {
  const value = await session.call("one");
  if (value !== 5) throw new Error(`a call gave ${JSON.stringify(value)}`);
}
