import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { planComponent } from "../../src/main/component/plan.ts";
import type { HostFunction, HostImports } from "../../src/worker/linker/host-imports.ts";
import { LinkedComponent } from "../../src/worker/linker/linked-component.ts";

/** Plans and compiles a component for our own linker. */
export function linkBytes(bytes: Uint8Array): LinkedComponent {
  const { plan } = planComponent(bytes, "test.wasm");
  const modules = plan.modules.map(
    ({ start, end }) => new WebAssembly.Module(Uint8Array.from(bytes.subarray(start, end))),
  );
  return new LinkedComponent(plan, modules);
}

/** The same for the text of a component. */
export async function linkText(wat: string): Promise<LinkedComponent> {
  return linkBytes(await parse(wat));
}

/** Imports served by JavaScript functions with values of style `value`, by `item` or `item#function`. */
export function jsImports(
  functions: Readonly<Record<string, (...args: never[]) => unknown>>,
  destroy?: (rep: unknown) => void,
): HostImports {
  return {
    function(item, name): HostFunction {
      const label = name === undefined ? item : `${item}#${name}`;
      const target = functions[label];
      if (target === undefined) throw new Error(`the test serves no ${label}`);
      return { kind: "js", style: "value", invocation: { kind: "function" }, target };
    },
    resource: () => (destroy === undefined ? {} : { destroy }),
  };
}

/** For components that import nothing. */
export const NO_IMPORTS: HostImports = jsImports({});
