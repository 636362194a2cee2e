/** What the linker asks the host for when it instantiates a component. */
import type { FuncType } from "../../shared/wit/types.ts";
import type { Invocation, ValueStyle } from "../abi/js/types.ts";
import type { CanonOptions, CoreFunction } from "../abi/types.ts";
import type { CallMeter } from "../call-meter.ts";
import type { ComponentInstance } from "./component-instance.ts";

export type HostFunction =
  /** A native library's: brings its own compiled trampoline. */
  | { readonly kind: "native"; bind(options: CanonOptions, instance: ComponentInstance): CoreFunction }
  /** A JavaScript function; `invocation` and `style` are the same whenever the same function is asked for. */
  | {
      readonly kind: "js";
      readonly style: ValueStyle;
      readonly invocation: Invocation;
      readonly target: (...args: never[]) => unknown;
      /** The host bundle whose adapter it belongs to; absent: it is hostbundle's own. */
      readonly bundle?: string;
      /** Puts accounts around the core function. */
      readonly count?: ((core: CoreFunction) => CoreFunction) | undefined;
      /** Takes the generated source, when it is compiled. */
      readonly dump?: ((source: string) => void) | undefined;
    };

export interface HostResource {
  /** Called once for each owned handle that the guest drops, or that is left when the instance ends. */
  readonly destroy?: (rep: unknown) => void;
  /** `destroy` is done or not begun, whatever it throws. */
  readonly isAtomic?: boolean;
  /** Whether that can be a rep; absent: anything is. */
  readonly accepts?: (rep: unknown) => boolean;
}

export interface HostImports {
  /** `item` is the extern name of the component's import, `name` the function in it; absent where it is one itself. */
  function(item: string, name: string | undefined, type: FuncType): HostFunction;
  resource(item: string, name: string | undefined): HostResource;
  /** Counts the calls of all functions, where they are limited. */
  readonly meter?: CallMeter | undefined;
}

/** A function's name in messages: `ns:pkg/iface@1.0.0#func`. */
export function functionLabel(item: string, name: string | undefined): string {
  return name === undefined ? item : `${item}#${name}`;
}
