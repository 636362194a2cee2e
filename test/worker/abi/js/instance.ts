/** A component instance made of the oracle's memory, and the ways to call into and out of it. */
import { HostbundleError } from "../../../../src/shared/errors.ts";
import type { FuncType, HandleType, ResourceType, ValueType } from "../../../../src/shared/wit/types.ts";
import { compileExport } from "../../../../src/worker/abi/js/compile-export.ts";
import { compileGuestCall } from "../../../../src/worker/abi/js/compile-guest-call.ts";
import { compileJsImport } from "../../../../src/worker/abi/js/compile-import.ts";
import type {
  GuestOptions,
  Invocation,
  LiftedCore,
  ValueStyle,
} from "../../../../src/worker/abi/js/types.ts";
import type { CoreFunction, StringEncoding } from "../../../../src/worker/abi/types.ts";
import { ComponentInstance } from "../../../../src/worker/linker/component-instance.ts";
import type { Resource } from "../../../../src/worker/linker/resource.ts";
import { GuestMemory } from "../../../support/oracle/index.ts";

export const LABEL = "test:abi/it#f";

/** The resource types of these tests, by their index. */
export const RESOURCE_TYPES: readonly ResourceType[] = [{ name: "file" }, { name: "socket" }];

export const resourceIndex = (resource: object): number =>
  RESOURCE_TYPES.findIndex((each) => each === resource);

export function handle(kind: HandleType["kind"], index = 0): ValueType {
  const resource = RESOURCE_TYPES[index];
  if (resource === undefined) throw new RangeError(`no resource ${index}`);
  return { kind, resource };
}

export class TestInstance {
  readonly guest: GuestMemory;
  readonly state: ComponentInstance;
  /** Replace it to be a hostile allocator. */
  realloc: NonNullable<GuestOptions["realloc"]>;
  /** Bytes from here on are for the test to place what it wants. */
  static readonly scratch = 32_768;

  constructor(encoding: StringEncoding = "utf8", resources: readonly Resource[] = []) {
    this.guest = new GuestMemory(encoding);
    this.state = new ComponentInstance(resources);
    this.realloc = this.guest.realloc;
  }

  get options(): GuestOptions {
    return {
      instance: this.state,
      encoding: this.guest.stringEncoding,
      memory: this.guest.memory,
      realloc: (...args) => this.realloc(...args),
    };
  }

  lifted(core: CoreFunction, postReturn?: CoreFunction): LiftedCore {
    return {
      options: this.options,
      core,
      entered: [this.state],
      ...(postReturn === undefined ? {} : { postReturn }),
    };
  }

  /** What the host calls. */
  exported(
    type: FuncType,
    core: CoreFunction,
    more: { style?: ValueStyle; postReturn?: CoreFunction } = {},
  ): (...args: readonly unknown[]) => unknown {
    const { style = "value", postReturn } = more;
    return compileExport({ label: LABEL, type, style, resourceIndex }).bind(this.lifted(core, postReturn));
  }

  /** What the guest calls when it imports a function of the host. */
  imported(
    type: FuncType,
    target: (...args: never[]) => unknown,
    more: { style?: ValueStyle; invocation?: Invocation } = {},
  ): CoreFunction {
    const { style = "value", invocation = { kind: "function" } } = more;
    return compileJsImport({ label: LABEL, type, style, resourceIndex, invocation }).bind(
      this.options,
      target,
    );
  }

  /** What the guest calls when it imports a function of another. */
  importedFrom(
    callee: TestInstance,
    type: FuncType,
    core: CoreFunction,
    postReturn?: CoreFunction,
  ): CoreFunction {
    return compileGuestCall({ label: LABEL, type, resourceIndex }).bind(
      this.options,
      callee.lifted(core, postReturn),
    );
  }

  /** Puts bytes into the part of the memory that is the test's and gives their address. */
  put(bytes: ArrayLike<number>, at = TestInstance.scratch): number {
    this.guest.bytes.set(bytes, at);
    return at;
  }

  /** Puts little-endian words there. */
  words(...values: number[]): number {
    return this.put(new Uint8Array(Uint32Array.from(values).buffer));
  }
}

export function func(params: readonly ValueType[], result?: ValueType): FuncType {
  return {
    params: params.map((type, index) => ({ name: `p${index}`, type })),
    ...(result === undefined ? {} : { result }),
  };
}

/** The code and message of what a call throws; `nothing` where it returns. */
export function thrownBy(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof HostbundleError) return `${error.code} ${error.message}`;
    return error instanceof Error ? `${error.name} ${error.message}` : `a ${typeof error}`;
  }
  return "nothing";
}
