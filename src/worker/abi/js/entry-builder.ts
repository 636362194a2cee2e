/** What the emitters of one entry share: its scope, its statements so far, and what they need. */
import { js, Scope, type Source } from "../codegen.ts";
import type { Emitter } from "./cells.ts";
import type { Conversion } from "./conversion.ts";

/** One side of a call in generated code. */
export class Side implements Emitter {
  readonly entry: EntryBuilder;
  readonly guest: Source;
  /** What `Guest.beginCall` gave, where the call has borrows. */
  outer: Source | undefined;

  constructor(entry: EntryBuilder, guest: Source) {
    this.entry = entry;
    this.guest = guest;
  }

  get scope(): Scope {
    return this.entry.scope;
  }

  get conversion(): Conversion {
    return this.entry.conversion;
  }
}

export class EntryBuilder {
  readonly conversion: Conversion;
  readonly scope = new Scope();
  readonly statements: Source[] = [];
  /** What a step number stands for in messages. */
  readonly places: string[] = [];
  #names = 0;

  constructor(conversion: Conversion) {
    this.conversion = conversion;
  }

  emit(...statements: readonly Source[]): void {
    for (const statement of statements) this.statements.push(js`      ${statement}`);
  }

  /** Notes a place for messages, and that execution gets there. */
  step(where: string): void {
    this.places.push(where);
    this.emit(js`step = ${this.places.length - 1};`);
  }

  /** Declares a constant and gives its name. */
  constant(value: Source): Source {
    const name = js`v${this.#names}`;
    this.#names += 1;
    this.emit(js`const ${name} = ${value};`);
    return name;
  }
}
