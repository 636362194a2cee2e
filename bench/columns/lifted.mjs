/**
 * The rows of the lifted exports, for one column.
 * @param {string} column
 * @param {import("./lifted-loops.mjs").LiftedExports} exported
 * @returns {Promise<import("./samplers.mjs").Samplers>}
 */
export async function liftedRows(column, exported) {
  // Modules are cached by URL: with another query it is other code, whose call sites know one function only, as in a
  // program. Loops that the columns shared would slow down each other.
  const url = new URL(`lifted-loops.mjs?${column}`, import.meta.url);
  /** @type {typeof import("./lifted-loops.mjs")} */
  const { liftedLoops } = await import(url.href);
  return liftedLoops(exported);
}
