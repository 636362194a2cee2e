/** Modules of the bench, which are JavaScript and have no declarations. */

interface ResultsModule {
  /** What is wrong with a value that should be results; undefined where nothing is. */
  faultOf(value: unknown): string | undefined;
}

export const results: ResultsModule = await load("results.mjs");

function load(name: string) {
  return import(new URL(`../../bench/${name}`, import.meta.url).href);
}
