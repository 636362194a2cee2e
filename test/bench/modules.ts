/** Modules of the bench, which are JavaScript and have no declarations. */

interface Cell {
  readonly min: number;
  readonly p25: number;
  readonly median: number;
  readonly p75: number;
  readonly p99: number;
  readonly turnsPerSample: number;
  readonly samplesNs: readonly number[];
}

interface Row {
  readonly id: string;
  readonly group: string;
  readonly title: string;
  readonly cells: Readonly<Record<string, Cell>>;
}

interface Named {
  readonly id: string;
  readonly title: string;
}

export interface Results {
  readonly format: string;
  readonly bench: string;
  readonly title: string;
  readonly rounds: number;
  readonly environment: Readonly<Record<string, string | number>>;
  readonly groups: readonly Named[];
  readonly columns: readonly (Named & { readonly version?: string; readonly skipped?: string })[];
  readonly rows: readonly Row[];
  readonly targets: readonly unknown[];
  readonly facts: Readonly<Record<string, number>>;
}

interface Target {
  readonly says: string;
  readonly of: readonly [row: string, column: string];
  readonly over?: readonly [row: string, column: string];
  readonly limit: number;
  readonly isAtLeast?: boolean;
}

interface ResultsModule {
  /** What is wrong with a value that should be results; undefined where nothing is. */
  faultOf(value: unknown): string | undefined;
}

interface ChartModule {
  renderChart(files: readonly Results[], options: { readonly all: boolean }): string;
}

interface TargetsModule {
  readonly judge: (targets: readonly Target[], rows: readonly Row[]) => readonly unknown[];
}

interface MeasureModule {
  readonly summarise: (samples: readonly number[]) => unknown;
}

export const results: ResultsModule = await load("results.mjs");
export const chart: ChartModule = await load("chart/render.mjs");
export const { judge }: TargetsModule = await load("targets.mjs");
export const { summarise }: MeasureModule = await load("measure.mjs");

function load(name: string) {
  return import(new URL(`../../bench/${name}`, import.meta.url).href);
}
