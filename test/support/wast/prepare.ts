/** The text of a component → something that can be instantiated by our own linker. */
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { compileModule } from "../../../src/main/component/compile-module.ts";
import { checkComponent } from "../../../src/main/component/plan.ts";
import type { InstantiationPlan } from "../../../src/shared/component-plan.ts";
import { type HostbundleError, isHostbundleError } from "../../../src/shared/errors.ts";
import type { WorldType } from "../../../src/shared/wit/types.ts";
import { LinkedComponent } from "../../../src/worker/linker/linked-component.ts";
import { Refused } from "./refused.ts";
import type { ComponentText } from "./script.ts";

export interface PreparedComponent {
  readonly world: WorldType;
  readonly plan: InstantiationPlan;
  readonly linked: LinkedComponent;
}

const PATH = "component.wasm";

/** What the decoder says of components that need not be invalid. */
const BEYOND_MODEL = /core module cannot be|cannot be part of|cannot be named here|is not supported/;

/** @throws {Refused} by anything but the imports */
export async function prepareComponent(component: ComponentText): Promise<PreparedComponent> {
  return plan(await assemble(component));
}

async function assemble({ text }: ComponentText): Promise<Uint8Array> {
  try {
    return await parse(text);
  } catch (error) {
    // The assembler throws its message, with the place below it.
    const message = typeof error === "object" && error !== null && "payload" in error ? error.payload : error;
    throw new Refused("assembler", firstLine(String(message)), error);
  }
}

function plan(bytes: Uint8Array): PreparedComponent {
  try {
    const { world, linking } = checkComponent(bytes, PATH);
    if (linking.kind === "jco") throw new Refused("planner", linking.refusal.reason);
    const modules = linking.plan.modules.map(({ start, end }) =>
      compileModule(bytes.subarray(start, end), PATH),
    );
    return { world, plan: linking.plan, linked: new LinkedComponent(linking.plan, modules) };
  } catch (error) {
    if (!isHostbundleError(error) || error.code !== "COMPONENT_INVALID") throw error;
    const text = describe(error);
    throw new Refused(BEYOND_MODEL.test(text) ? "model" : "validation", text, error);
  }
}

function describe({ message, context }: HostbundleError): string {
  return [message, ...(context.findings ?? []).map((finding) => finding.message)].join("; ");
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}
