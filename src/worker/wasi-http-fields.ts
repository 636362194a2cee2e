/** `fields` of wasi:http/types: HTTP header fields in the order in which they were given. */
import { HostbundleError } from "../shared/errors.ts";

type Entry = readonly [name: string, value: Uint8Array];

/** Of names and values together; as much as servers take. */
const MAX_FIELDS_BYTES = 128 * 1024;
/** What one more entry costs us besides. */
const ENTRY_BYTES = 32;

/** RFC 9110, 5.1: `token` */
const FIELD_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Connections are the host's. */
const FORBIDDEN: ReadonlySet<string> = new Set(["connection", "keep-alive", "host"]);

// What is thrown is a `header-error`.
const IMMUTABLE = { tag: "immutable" } as const;
const INVALID = { tag: "invalid-syntax" } as const;
const DENIED = { tag: "forbidden" } as const;

export class Fields {
  #entries: Entry[] = [];
  #sizeBytes = 0;
  #isImmutable = false;

  static fromList(entries: readonly Entry[]): Fields {
    const fields = new Fields();
    for (const [name, value] of entries) fields.append(name, value);
    return fields;
  }

  get(name: string): Uint8Array[] {
    const wanted = name.toLowerCase();
    return this.#entries.filter(([each]) => each.toLowerCase() === wanted).map(([, value]) => value);
  }

  has(name: string): boolean {
    const wanted = name.toLowerCase();
    return this.#entries.some(([each]) => each.toLowerCase() === wanted);
  }

  set(name: string, values: readonly Uint8Array[]): void {
    this.#check(name, values);
    this.#remove(name);
    for (const value of values) this.#add(name, value);
  }

  delete(name: string): void {
    this.#check(name, []);
    this.#remove(name);
  }

  append(name: string, value: Uint8Array): void {
    this.#check(name, [value]);
    this.#add(name, value);
  }

  entries(): Entry[] {
    return [...this.#entries];
  }

  /** One that can be changed. */
  clone(): Fields {
    const copy = new Fields();
    copy.#entries = [...this.#entries];
    copy.#sizeBytes = this.#sizeBytes;
    return copy;
  }

  /** The same object, which a guest can change no more. */
  freeze(): this {
    this.#isImmutable = true;
    return this;
  }

  #check(name: string, values: readonly Uint8Array[]): void {
    // oxlint-disable typescript/only-throw-error
    if (this.#isImmutable) throw IMMUTABLE;
    if (!FIELD_NAME.test(name) || !values.every(isFieldValue)) throw INVALID;
    if (FORBIDDEN.has(name.toLowerCase())) throw DENIED;
    // oxlint-enable typescript/only-throw-error
  }

  #add(name: string, value: Uint8Array): void {
    this.#sizeBytes += sizeOf(name, value);
    if (this.#sizeBytes > MAX_FIELDS_BYTES) {
      throw new HostbundleError(
        "TRAP",
        `the guest trapped: HTTP fields of more than ${MAX_FIELDS_BYTES} bytes`,
      );
    }
    this.#entries.push([name, value]);
  }

  #remove(name: string): void {
    const unwanted = name.toLowerCase();
    this.#entries = this.#entries.filter(([each, value]) => {
      if (each.toLowerCase() !== unwanted) return true;
      this.#sizeBytes -= sizeOf(each, value);
      return false;
    });
  }
}

function sizeOf(name: string, value: Uint8Array): number {
  return name.length + value.length + ENTRY_BYTES;
}

/** RFC 9110, 5.5: no control characters but the tab. */
function isFieldValue(value: Uint8Array): boolean {
  return value.every((byte) => byte === 0x09 || (byte >= 0x20 && byte !== 0x7f));
}
