/** What goes into an image: the part of `image.ts` that a warm run does not load. */
import { serialize } from "node:v8";
import type { InstantiationPlan } from "../../shared/component-plan.ts";
import type { ImageCode } from "../../shared/protocol.ts";
import type { WorldType } from "../../shared/wit/types.ts";
import { compileModule } from "./compile-module.ts";
import type { LinkerChoice } from "./image.ts";
import { mergeDataSegments } from "./merge-data.ts";
import { checkComponent, planComponent } from "./plan.ts";

export interface PreparedImage {
  readonly world: WorldType;
  readonly code: ImageCode;
  readonly files: Readonly<Record<string, Uint8Array>>;
}

const PLAN_FILE = "plan.bin";

/** Throws COMPONENT_INVALID. `path` is for messages; `goOn` is called before what takes longest, and may throw. */
export async function prepareImage(
  bytes: Uint8Array,
  path: string,
  linker: LinkerChoice,
  goOn?: () => void,
): Promise<PreparedImage> {
  if (linker === "own") {
    const { world, plan } = planComponent(bytes, path);
    return { world, ...ownImage(bytes, plan, path) };
  }
  // Whoever links: what does not fit together is refused with our reasons.
  const { world, linking } = checkComponent(bytes, path);
  if (linking.kind === "own" && linker === "auto") return { world, ...ownImage(bytes, linking.plan, path) };
  const reason = linking.kind === "jco" ? linking.refusal.reason : "it was asked for";
  const { transpile } = await import("./transpile.ts");
  goOn?.();
  const { entry, files } = await transpile(bytes, path, world);
  const modules = Object.keys(files).filter((name) => name.endsWith(".wasm"));
  return { world, code: { kind: "jco", entry, modules, reason }, files };
}

function ownImage(
  bytes: Uint8Array,
  plan: InstantiationPlan,
  path: string,
): Pick<PreparedImage, "code" | "files"> {
  const files: Record<string, Uint8Array> = { [PLAN_FILE]: serialize(plan) };
  const modules = plan.modules.map(({ start, end }, index) => {
    const name = `core${index}.wasm`;
    const module = mergeDataSegments(bytes.subarray(start, end));
    // Found here and not by the first run: the user is told before anything starts.
    compileModule(module, path);
    files[name] = module;
    return name;
  });
  return { code: { kind: "own", plan: PLAN_FILE, modules }, files };
}
