/** Images as one thread keeps them between runs: compiled modules and trampolines. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { deserialize } from "node:v8";
import type { InstantiationPlan } from "../shared/component-plan.ts";
import type { ComponentImage, ImageCode } from "../shared/protocol.ts";
import { limitModules, type ModuleLimits } from "./limits.ts";
import type { JcoModule } from "./jco-instantiate.ts";
import { LinkedComponent } from "./linker/linked-component.ts";
import type { CompiledCache } from "./native-functions.ts";
import type { PreparedWasi } from "./wasi.ts";

interface ProgramCommon {
  readonly compiled: CompiledCache;
  /** A memory of it may grow less than its module says. */
  readonly isMemoryCapped: boolean;
  /** WASI as its component imports it, by the names of the interfaces that are not served by a bundle. */
  readonly prepared: Map<string, PreparedWasi>;
}

export interface OwnProgram extends ProgramCommon {
  readonly kind: "own";
  readonly component: LinkedComponent;
}

export interface JcoProgram extends ProgramCommon {
  readonly kind: "jco";
  readonly module: JcoModule;
}

export type Program = OwnProgram | JcoProgram;

/** Modules of jco stay in memory for good once imported, but compiled code and trampolines need not. */
const MAX_PROGRAMS = 32;

const programs = new Map<string, Program | Promise<Program>>();

/** Reads and compiles an image, once per thread while it is in use. A promise only where jco links it. */
export function loadProgram(image: ComponentImage, limits: ModuleLimits): Program | Promise<Program> {
  const { memoryBytes = "", tableElements = "" } = limits;
  const key = `${image.digest} ${image.folder} ${memoryBytes} ${tableElements}`;
  const known = programs.get(key);
  // Moved to the end: the first key is the one not used for longest.
  if (known !== undefined) programs.delete(key);
  const loaded = known ?? load(image, key, limits);
  programs.set(key, loaded);
  const [oldest] = programs.keys();
  if (programs.size > MAX_PROGRAMS && oldest !== undefined) programs.delete(oldest);
  return loaded;
}

function load(image: ComponentImage, key: string, limits: ModuleLimits): Program | Promise<Program> {
  if (image.code.kind === "own") return loadOwn(image, image.code, limits);
  const loading = loadJco(image, image.code, limits);
  loading.then(
    (program) => programs.has(key) && programs.set(key, program),
    () => programs.delete(key),
  );
  return loading;
}

function loadOwn(
  { folder }: ComponentImage,
  code: Extract<ImageCode, { kind: "own" }>,
  limits: ModuleLimits,
): OwnProgram {
  // Written by `prepare.ts`; the folder is as private as our own code.
  const plan: InstantiationPlan = deserialize(readFileSync(join(folder, code.plan)));
  const counts = code.modules.map((_, index) => plan.steps.filter(({ module }) => module === index).length);
  const files = code.modules.map((name) => readFileSync(join(folder, name)));
  const limited = limitModules(files, counts, limits);
  const modules = limited.modules.map((bytes) => new WebAssembly.Module(bytes));
  return {
    kind: "own",
    isMemoryCapped: limited.isMemoryCapped,
    compiled: new Map(),
    prepared: new Map(),
    component: new LinkedComponent(plan, modules, limited.memoryCaps),
  };
}

async function loadJco(
  image: ComponentImage,
  code: Extract<ImageCode, { kind: "jco" }>,
  limits: ModuleLimits,
): Promise<JcoProgram> {
  const { importJcoModule } = await import("./jco-instantiate.ts");
  const { module, isMemoryCapped } = await importJcoModule(image, code, limits);
  return {
    kind: "jco",
    isMemoryCapped,
    compiled: new Map(),
    prepared: new Map(),
    module,
  };
}
