/** What may be written, to whatever keeps it: the same for both interfaces and both kinds of store. */
import type { Settings } from "./settings.ts";
import { Refusal, type Space } from "./space.ts";

export class Keyspace {
  readonly #space: Space;
  readonly #settings: Settings;

  constructor(space: Space, settings: Settings) {
    this.#space = space;
    this.#settings = settings;
  }

  get keyCount(): number {
    return this.#space.usage.keys;
  }

  get isReadOnly(): boolean {
    return this.#settings.isReadOnly;
  }

  read<T>(action: (space: Space) => T): T {
    return this.#space.read(() => action(this.#space));
  }

  /** @throws {Refusal} */
  write<T>(action: (space: Space) => T): T {
    if (this.#settings.isReadOnly) throw new Refusal({ tag: "read-only" });
    return this.#space.write(() => action(this.#space));
  }

  /** Within `write`. @throws {Refusal} */
  put(bucket: string, key: string, value: Uint8Array): void {
    const { maxKeys, maxKeyBytes, maxTotalBytes, maxValueBytes } = this.#settings.limits;
    if (!this.#fits(key)) throw new Refusal({ tag: "key-too-long", val: maxKeyBytes });
    if (value.byteLength > maxValueBytes)
      throw new Refusal({ tag: "value-too-large", val: BigInt(maxValueBytes) });
    const old = this.#space.get(bucket, key);
    const newKeys = old === undefined ? 1 : 0;
    const newBytes = value.byteLength + (old === undefined ? Buffer.byteLength(key) : -old.byteLength);
    const { keys, bytes } = this.#space.usage;
    // A store that holds more than it may, because it once might, may still shrink.
    if ((newKeys > 0 && keys + newKeys > maxKeys) || (newBytes > 0 && bytes + newBytes > maxTotalBytes))
      throw new Refusal({ tag: "full" });
    this.#space.put(bucket, key, value);
  }

  /** Within `write`. */
  clear(bucket: string): void {
    for (const key of this.#space.list(bucket)) this.#space.remove(bucket, key);
  }

  #fits(key: string): boolean {
    const { maxKeyBytes } = this.#settings.limits;
    // A unit of UTF-16 has one to three bytes of UTF-8: most keys need not be measured.
    return key.length * 3 <= maxKeyBytes || Buffer.byteLength(key) <= maxKeyBytes;
  }
}
