/**
 * Where the keys of a TOML document are written, for messages: smol-toml gives values without places. The
 * text has been parsed before, so this scanner may rely on its being well-formed.
 */

export type KeyPath = readonly (string | number)[];

export interface Position {
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

/** Positions of all keys, table headers and array elements of a well-formed document. */
export class TomlPositions {
  readonly #found = new Map<string, number>();
  /** Tables that no key or header of their own says: `a` of `[a.b]`, the array of `[[a]]`. */
  readonly #implied = new Map<string, number>();
  /** Where each line begins. */
  readonly #lineStarts: readonly number[];

  constructor(text: string) {
    this.#lineStarts = [0, ...Array.from(text.matchAll(/\n/gu), (match) => match.index + 1)];
    new Scanner(text, (path, offset, isImplied) => {
      const places = isImplied ? this.#implied : this.#found;
      const key = JSON.stringify(path);
      if (!places.has(key)) places.set(key, offset);
    }).scan();
  }

  /** Where a key is written, or else the nearest table around it that is. */
  locate(path: KeyPath): Position | undefined {
    for (let length = path.length; length > 0; length -= 1) {
      const key = JSON.stringify(path.slice(0, length));
      const offset = this.#found.get(key) ?? this.#implied.get(key);
      if (offset !== undefined) return this.#positionOf(offset);
    }
    return undefined;
  }

  #positionOf(offset: number): Position {
    let [low, high] = [0, this.#lineStarts.length];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (this.#lineStarts[low] ?? 0) + 1 };
  }
}

type Report = (path: KeyPath, offset: number, isImplied: boolean) => void;

class Scanner {
  #at = 0;
  #table: (string | number)[] = [];
  /** Elements so far of each array of tables, by its path. */
  readonly #counts = new Map<string, number>();
  readonly #text: string;
  readonly #report: Report;

  constructor(text: string, report: Report) {
    this.#text = text;
    this.#report = report;
  }

  scan(): void {
    for (this.#skipBlank(); this.#at < this.#text.length; this.#skipBlank()) {
      if (this.#text[this.#at] === "[") this.#scanHeader();
      else this.#scanPair(this.#table);
    }
  }

  /** `[a.b]` or `[[a.b]]`; a prefix that is an array of tables means its last element. */
  #scanHeader(): void {
    const start = this.#at;
    const isArray = this.#text.startsWith("[[", start);
    this.#at += isArray ? 2 : 1;
    const keys = this.#readKeys();
    this.#at += isArray ? 2 : 1;
    const path: (string | number)[] = [];
    for (const [index, key] of keys.entries()) {
      path.push(key);
      this.#report(path, start, true);
      const name = JSON.stringify(path);
      if (isArray && index === keys.length - 1) this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
      const count = this.#counts.get(name);
      if (count !== undefined) path.push(count - 1);
    }
    this.#table = path;
    this.#report(path, start, false);
  }

  #scanPair(table: KeyPath): void {
    const start = this.#at;
    const path = [...table, ...this.#readKeys()];
    for (let length = table.length + 1; length <= path.length; length += 1)
      this.#report(path.slice(0, length), start, false);
    this.#at += 1;
    this.#skipSpaces();
    this.#scanValue(path);
  }

  /** A dotted key up to `=` or `]`, both not taken. */
  #readKeys(): string[] {
    const keys: string[] = [];
    for (;;) {
      this.#skipSpaces();
      const quote = this.#text[this.#at];
      if (quote === '"' || quote === "'") {
        const start = this.#at;
        this.#skipString();
        const raw = this.#text.slice(start, this.#at);
        keys.push(quote === '"' ? unescape(raw) : raw.slice(1, -1));
      } else {
        const bare = /[A-Za-z0-9_-]*/y;
        bare.lastIndex = this.#at;
        const [key = ""] = bare.exec(this.#text) ?? [];
        this.#at += key.length;
        keys.push(key);
      }
      this.#skipSpaces();
      if (this.#text[this.#at] !== ".") return keys;
      this.#at += 1;
    }
  }

  #scanValue(path: KeyPath): void {
    switch (this.#text[this.#at]) {
      case '"':
      case "'":
        this.#skipString();
        break;
      case "{":
        this.#scanInlineTable(path);
        break;
      case "[":
        this.#scanArray(path);
        break;
      default:
        while (this.#at < this.#text.length && !/[,\]}\n#]/u.test(this.#text[this.#at] ?? "")) this.#at += 1;
    }
  }

  #scanInlineTable(path: KeyPath): void {
    this.#at += 1;
    for (this.#skipBlank(); this.#at < this.#text.length && this.#text[this.#at] !== "}"; this.#skipBlank()) {
      this.#scanPair(path);
      this.#skipComma();
    }
    this.#at += 1;
  }

  #scanArray(path: KeyPath): void {
    this.#at += 1;
    let index = 0;
    for (this.#skipBlank(); this.#at < this.#text.length && this.#text[this.#at] !== "]"; this.#skipBlank()) {
      const element = [...path, index];
      this.#report(element, this.#at, false);
      this.#scanValue(element);
      this.#skipComma();
      index += 1;
    }
    this.#at += 1;
  }

  #skipComma(): void {
    this.#skipBlank();
    if (this.#text[this.#at] === ",") this.#at += 1;
  }

  #skipString(): void {
    const quote = this.#text[this.#at] ?? '"';
    const isMultiline = this.#text.startsWith(quote.repeat(3), this.#at);
    const end = isMultiline ? quote.repeat(3) : quote;
    this.#at += end.length;
    while (this.#at < this.#text.length && !this.#text.startsWith(end, this.#at)) {
      this.#at += quote === '"' && this.#text[this.#at] === "\\" ? 2 : 1;
    }
    this.#at += end.length;
    if (!isMultiline) return;
    // It may end in up to two quotes of its own.
    while (this.#text[this.#at] === quote) this.#at += 1;
  }

  #skipSpaces(): void {
    while (this.#text[this.#at] === " " || this.#text[this.#at] === "\t") this.#at += 1;
  }

  /** White space, newlines and comments. */
  #skipBlank(): void {
    const blank = /(?:[ \t\r\n]|#[^\n]*)*/y;
    blank.lastIndex = this.#at;
    this.#at += blank.exec(this.#text)?.[0].length ?? 0;
  }
}

/** A quoted key as it was meant; escapes that JSON does not share leave it as written. */
function unescape(raw: string): string {
  try {
    return String(JSON.parse(raw));
  } catch {
    return raw.slice(1, -1);
  }
}
