/**
 * Several WIT files as the one text that the parser takes: the main package, then each other package as
 * `package ns:name { … }`. Lines stay lines, so that every place in the text leads back to a file.
 */
import { type Finding, HostbundleError, type Location } from "../../shared/errors.ts";
import { type PackageHeader, type ScannedWit, scanWit, type Span } from "./scan.ts";
import type { SourceFile, WitSources } from "./source.ts";

export interface ScannedFile extends SourceFile {
  readonly scan: ScannedWit;
}

/** Consecutive lines of the text that are consecutive lines of a file. */
interface Chunk {
  /** First line in the text and in the file, from 0. */
  readonly line: number;
  readonly fileLine: number;
  readonly file: ScannedFile;
  /** For a statement that was moved: the one place that all of it has. */
  readonly at?: Location;
  /** Columns (from 0, in the file) where a `%` was put in, by line of the file. */
  readonly inserted: ReadonlyMap<number, readonly number[]>;
}

/** Replaces a stretch of a file by blanks, or inserts a `%` before it. */
type Edit = Span & { readonly kind: "blank" | "escape" };

export class CombinedText {
  readonly #parts: string[] = [];
  readonly #chunks: Chunk[] = [];
  #lines = 0;

  get text(): string {
    return this.#parts.join("");
  }

  /** A line of ours; `from` is the statement it stands for, where there is one. */
  addLine(line: string, from?: { readonly file: ScannedFile; readonly span: Span }): void {
    if (from !== undefined) {
      const at = { file: from.file.path, ...placeOf(from.file.text, from.span.start) };
      this.#chunks.push({
        line: this.#lines,
        fileLine: at.line - 1,
        file: from.file,
        at,
        inserted: new Map(),
      });
    }
    this.#parts.push(line, "\n");
    this.#lines++;
  }

  addFile(file: ScannedFile, region: Span, edits: readonly Edit[]): void {
    const start = placeOf(file.text, region.start);
    const inserted = new Map<number, number[]>();
    const pieces = [" ".repeat(start.column - 1)];
    let position = region.start;
    let line = start.line - 1;
    let lineStart = region.start - start.column + 1;
    for (const edit of edits.toSorted((left, right) => left.start - right.start)) {
      if (edit.start < position || edit.end > region.end) continue;
      const kept = file.text.slice(position, edit.start);
      pieces.push(kept);
      const newlines = countLines(kept);
      line += newlines;
      if (newlines > 0) lineStart = position + kept.lastIndexOf("\n") + 1;
      position = edit.start;
      if (edit.kind === "escape") {
        pieces.push("%");
        const columns = inserted.get(line) ?? [];
        columns.push(edit.start - lineStart);
        inserted.set(line, columns);
        continue;
      }
      const blanked = file.text.slice(edit.start, edit.end);
      pieces.push(blanked.replaceAll(/[^\n]/g, " "));
      const lost = countLines(blanked);
      line += lost;
      if (lost > 0) lineStart = edit.start + blanked.lastIndexOf("\n") + 1;
      position = edit.end;
    }
    pieces.push(file.text.slice(position, region.end), "\n");
    const text = pieces.join("");
    this.#chunks.push({ line: this.#lines, fileLine: start.line - 1, file, inserted });
    this.#parts.push(text);
    this.#lines += countLines(text);
  }

  /** Where an index of `text` was written; absent for lines of ours. */
  origin(index: number): { readonly where: Location; readonly file: SourceFile } | undefined {
    const { line, column } = placeOf(this.text, index);
    const chunk = this.#chunks.findLast((chunk) => chunk.line < line);
    if (chunk === undefined) return undefined;
    if (chunk.at !== undefined)
      return chunk.line === line - 1 ? { where: chunk.at, file: chunk.file } : undefined;
    const fileLine = line - 1 - chunk.line + chunk.fileLine;
    const shift = (chunk.inserted.get(fileLine) ?? []).filter((at, count) => at + count < column - 1).length;
    const where = { file: chunk.file.path, line: fileLine + 1, column: column - shift };
    return fileLine + 1 > countLines(chunk.file.text) + 1 ? undefined : { where, file: chunk.file };
  }
}

/** Line and column of an index, from 1. */
export function placeOf(text: string, index: number): { line: number; column: number } {
  const before = text.slice(0, index);
  return { line: countLines(before) + 1, column: index - (before.lastIndexOf("\n") + 1) + 1 };
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

/** The line of a place with carets under `length` characters of it. */
export function excerpt(text: string, where: Location, length: number): string[] {
  const { line = 1, column = 1 } = where;
  const source = (text.split("\n", line)[line - 1] ?? "").trimEnd();
  // Long lines are cut around the place; control characters would move the caret or the terminal.
  const from = Math.max(0, column - 1 - 60);
  const shown = source.slice(from, from + 120).replaceAll(/\p{Cc}/gu, " ");
  const gutter = `${line}`;
  const carets = "^".repeat(Math.max(1, Math.min(length, shown.length - (column - 1 - from))));
  return [`${gutter} | ${shown}`, `${" ".repeat(gutter.length)} | ${" ".repeat(column - 1 - from)}${carets}`];
}

export interface Combined {
  readonly text: CombinedText;
  readonly main: readonly ScannedFile[];
  readonly warnings: readonly Finding[];
}

/**
 * @throws {HostbundleError} WIT_INVALID where files of one package disagree, or nest too deep for the parser
 */
export function combine(
  sources: WitSources,
  footer: (main: readonly ScannedFile[]) => string | undefined,
): Combined {
  const main = sources.main.map(scanFile);
  const dependencies = sources.dependencies.map((files) => files.map(scanFile));
  const text = new CombinedText();
  const header = headerOf(main);
  text.addLine(`package ${header.span.name};`, header);
  addPackage(text, main, []);
  const extra = footer(main);
  if (extra !== undefined) text.addLine(extra);
  for (const files of dependencies) {
    const header = headerOf(files);
    text.addLine(`package ${header.span.name} {`, header);
    addPackage(text, files, ["nested"]);
    text.addLine("}");
    // A package block cannot stand in another one.
    for (const file of files) {
      for (const span of file.scan.nested) text.addFile(file, span, escapes(file));
    }
  }
  return { text, main, warnings: [...main, ...dependencies.flat()].flatMap(keywordWarnings) };
}

function scanFile(file: SourceFile): ScannedFile {
  const scan = scanWit(file.text);
  if (scan.tooDeep !== undefined) {
    throw invalidAt(file, scan.tooDeep, "types and blocks nest too deep", "flatten the types");
  }
  if (scan.unmatched !== undefined) {
    const { text } = scan.unmatched;
    throw invalidAt(file, scan.unmatched, `this \`${text}\` has no partner`, "close every `{` with a `}`");
  }
  return { ...file, scan };
}

function addPackage(text: CombinedText, files: readonly ScannedFile[], without: readonly "nested"[]): void {
  const seen = new Map<string, { text: string; file: ScannedFile }>();
  for (const file of files) {
    const blanks: Span[] = without.length > 0 ? [...file.scan.nested] : [];
    if (file.scan.header !== undefined) blanks.push(file.scan.header);
    for (const use of file.scan.uses) {
      const known = seen.get(use.localName);
      if (known === undefined) seen.set(use.localName, { text: use.text, file });
      else if (known.file !== file && known.text === use.text) blanks.push(use);
      else if (known.file !== file) {
        const help = "give one of them another name with `as`: the files of a package are read as one text";
        throw invalidAt(
          file,
          use,
          `${known.file.path} uses another interface under the name ${use.localName}`,
          help,
        );
      }
    }
    const edits: Edit[] = blanks.map(({ start, end }) => ({ kind: "blank", start, end }));
    text.addFile(file, { start: 0, end: file.text.length }, [...edits, ...escapes(file)]);
  }
}

function escapes(file: ScannedFile): Edit[] {
  return file.scan.keywords.map(({ start, end }) => ({ kind: "escape", start, end }));
}

/** The one package name of the files of a package. */
function headerOf(files: readonly ScannedFile[]): {
  readonly file: ScannedFile;
  readonly span: PackageHeader;
} {
  let found: { readonly file: ScannedFile; readonly span: PackageHeader } | undefined;
  for (const file of files) {
    const { header } = file.scan;
    if (header === undefined) continue;
    if (found !== undefined && found.span.name !== header.name) {
      const help = "one folder holds one package; put others into deps/";
      throw invalidAt(file, header, `package ${header.name} in a folder of package ${found.span.name}`, help);
    }
    found ??= { file, span: header };
  }
  if (found !== undefined) return found;
  const file = files[0];
  throw new HostbundleError("WIT_INVALID", "the WIT names no package", {
    findings: [
      {
        message: "no `package` statement",
        ...(file === undefined ? {} : { where: { file: file.path } }),
        help: "begin the file with a line such as `package example:name@1.0.0;`",
      },
    ],
  });
}

/** The error for a stretch of one file. */
export function invalidAt(file: SourceFile, span: Span, message: string, help: string): HostbundleError {
  const where = { file: file.path, ...placeOf(file.text, span.start) };
  const lines = excerpt(file.text, where, span.end - span.start);
  return new HostbundleError("WIT_INVALID", "the WIT is not valid", {
    findings: [{ message, where, lines, help }],
  });
}

const MAX_WARNINGS = 20;

function keywordWarnings(file: ScannedFile): Finding[] {
  return file.scan.keywords.slice(0, MAX_WARNINGS).map((token) => {
    const where = { file: file.path, ...placeOf(file.text, token.start) };
    return {
      message: `\`${token.text}\` is a keyword of WIT; in a package name it is spelled \`%${token.text}\``,
      where,
      lines: excerpt(file.text, where, token.text.length),
      help: `write \`%${token.text}\`; other tools refuse the text as it is`,
    };
  });
}
