/** What was generated for a type, kept so that it can be shown (`--dump-trampolines`). */
import type { ValueType } from "../../shared/wit/types.ts";
import type { Source } from "./codegen.ts";

class GeneratedSources {
  readonly #texts = new WeakMap<ValueType, string[]>();

  /** Remembers the text under its type and gives the value back. */
  keep<T>(type: ValueType, source: Source, value: T): T {
    const texts = this.#texts.get(type);
    if (texts === undefined) this.#texts.set(type, [source.text]);
    else texts.push(source.text);
    return value;
  }

  of(type: ValueType): readonly string[] {
    return this.#texts.get(type) ?? [];
  }
}

export const generatedSources = new GeneratedSources();
