/** A guest made of a memory and a bump allocator in JavaScript, so that a lowered import is called without WebAssembly. */
import { compileLoweredImport } from "../../../src/worker/abi/compile.ts";
import type {
  CallCounters,
  CoreFunction,
  InstanceState,
  StringEncoding,
} from "../../../src/worker/abi/types.ts";
import { openLibrary } from "../../../src/worker/native/open.ts";
import type { NativeLibrary } from "../../../src/worker/native/types.ts";
import type { SymbolConvention } from "../../../src/shared/protocol.ts";
import type { FuncType, ValueType } from "../../../src/shared/wit/types.ts";

const HEAP_START = 4096;

export class Guest {
  readonly memory = new WebAssembly.Memory({ initial: 1, maximum: 512 });
  readonly instance: InstanceState = { mayLeave: true };
  /** Replace it to be a hostile allocator. */
  realloc = (_old: number, _oldSize: number, align: number, size: number): number =>
    this.allocate(align, size);
  readonly encoding: StringEncoding;
  #top = HEAP_START;

  constructor(encoding: StringEncoding = "utf8") {
    this.encoding = encoding;
  }

  allocate(align: number, size: number): number {
    const at = Math.ceil(this.#top / align) * align;
    this.#top = at + size;
    const missing = this.#top - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / 65_536));
    return at;
  }

  get view(): DataView {
    return new DataView(this.memory.buffer);
  }

  bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, at, length);
  }

  /** Puts bytes into fresh memory and gives their address. */
  put(bytes: ArrayLike<number>, align = 8): number {
    const at = this.allocate(align, bytes.length);
    this.bytes(at, bytes.length).set(bytes);
    return at;
  }

  /** Puts an ASCII text into fresh memory and gives its flat form: address and length. */
  ascii(text: string): [pointer: number, length: number] {
    return [this.put(Buffer.from(text)), text.length];
  }

  /** Puts little-endian words into fresh memory. */
  words(...values: number[]): number {
    return this.put(new Uint8Array(Uint32Array.from(values).buffer));
  }

  /** The string whose pointer and length lie at `at`, as this guest reads it. */
  text(at: number): string {
    const pointer = this.view.getUint32(at, true);
    const length = this.view.getUint32(at + 4, true);
    if (this.encoding === "utf8") return Buffer.from(this.bytes(pointer, length)).toString("utf8");
    if (this.encoding === "utf16") return Buffer.from(this.bytes(pointer, length * 2)).toString("utf16le");
    if (length < 2 ** 31) return Buffer.from(this.bytes(pointer, length)).toString("latin1");
    return Buffer.from(this.bytes(pointer, (length - 2 ** 31) * 2)).toString("utf16le");
  }

  bind(library: NativeLibrary, symbol: string, type: FuncType, more: BindOptions = {}): CoreFunction {
    const compiled = compileLoweredImport({
      label: `test:abi/it#${symbol}`,
      plan: { name: symbol, symbol, type, library: 0, convention: more.convention ?? "import" },
      library,
    });
    const options = {
      memory: this.memory,
      realloc: (...args: [number, number, number, number]): number => this.realloc(...args),
      stringEncoding: this.encoding,
    };
    return compiled.bind(options, this.instance, more.counters);
  }
}

interface BindOptions {
  readonly convention?: SymbolConvention;
  readonly counters?: CallCounters;
}

export function open(
  path: string,
  { nativeLoops, ...more }: { freeSymbol?: string; nativeLoops?: boolean } = {},
): NativeLibrary {
  return openLibrary(
    {
      bundle: "test-bundle",
      path,
      declaredIn: "host.toml:1",
      threadsafe: false,
      hasInit: false,
      hasDeinit: false,
      configJson: "{}",
      ...more,
    },
    { copy: false, ...(nativeLoops === undefined ? {} : { nativeLoops }) },
  );
}

export function func(params: readonly ValueType[], result?: ValueType): FuncType {
  return {
    params: params.map((type, index) => ({ name: `p${index}`, type })),
    ...(result === undefined ? {} : { result }),
  };
}

/** The code and message of what a call throws; nothing where it returns. */
export function thrownBy(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return error instanceof Error && "code" in error
      ? `${String(error.code)} ${error.message}`
      : String(error);
  }
  return "nothing";
}
