/** Where text goes: data to stdout, everything for the person at the terminal to stderr. */
import type { OwnProcess } from "../pool/pool.ts";
import { formatError, formatLocation, type ErrorData, type Finding } from "../../shared/errors.ts";
import { printable, printableJson, printableLines } from "../../shared/printable.ts";

/** The part of a stream that the command line uses. */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** The outside world of the command line. */
export interface CliIo {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Paths below it are shown relative to it. */
  readonly cwd: string;
  /** The command has this process for itself, which ends with it; absent: it is a guest in another's. */
  readonly ownProcess?: OwnProcess;
}

const RED = "31";
const YELLOW = "33";
const CYAN = "36";

export class Output {
  readonly #io: CliIo;
  /** Whether stdout carries exactly one JSON object. */
  readonly json: boolean;
  readonly #colour: boolean;
  readonly #cwdPrefix: RegExp;

  constructor(io: CliIo, json: boolean) {
    this.#io = io;
    this.json = json;
    this.#colour = wantsColour(io);
    this.#cwdPrefix = pathPrefix(io.cwd);
  }

  /** A line of data. */
  line(text: string): void {
    this.#io.stdout.write(`${printableLines(text)}\n`);
  }

  /** The one JSON object of `--json`. */
  object(value: object): void {
    this.#io.stdout.write(`${printableJson(JSON.stringify(value))}\n`);
  }

  /** Lines for the person at the terminal. */
  note(text: string): void {
    this.#notePrintable(printableLines(text));
  }

  warning(finding: Finding): void {
    const place = finding.where === undefined ? "" : `${printable(formatLocation(finding.where))}: `;
    const lines = [
      `${this.#paint("warning:", YELLOW)} ${place}${printable(finding.message)}`,
      ...(finding.lines ?? []).map((line) => `  ${printable(line)}`),
      ...(finding.help === undefined ? [] : [`  ${this.#paint("help:", CYAN)} ${printable(finding.help)}`]),
    ];
    this.#notePrintable(this.#shorten(lines.join("\n")));
  }

  /** An error for a person; with `--json` it belongs to the object instead. */
  error(error: ErrorData): void {
    const text = formatError(error)
      .replace(/^error:/, () => this.#paint("error:", RED))
      .replaceAll(/^( +)help:/gm, (_match, indent: string) => `${indent}${this.#paint("help:", CYAN)}`);
    this.#notePrintable(this.#shorten(text));
  }

  #notePrintable(text: string): void {
    this.#io.stderr.write(`${text}\n`);
  }

  /** Makes absolute paths below the current folder relative, as people write them. */
  #shorten(text: string): string {
    return text.replaceAll(this.#cwdPrefix, "");
  }

  #paint(text: string, colour: string): string {
    return this.#colour ? `\u001B[1;${colour}m${text}\u001B[0m` : text;
  }
}

/** Matches the current folder where it begins a path; for `/` nothing, since all paths are below it. */
function pathPrefix(cwd: string): RegExp {
  if (cwd === "/") return /(?!)/g;
  const escaped = cwd.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
  return new RegExp(String.raw`(?<=^|[\s"'(=])${escaped}/(?=[^\s/])`, "gm");
}

/** no-color.org and force-color.org; everything coloured goes to stderr. */
function wantsColour({ stderr, env }: CliIo): boolean {
  const isSet = (name: string): boolean => env[name] !== undefined && env[name] !== "";
  if (isSet("NO_COLOR")) return false;
  if (isSet("FORCE_COLOR")) return env["FORCE_COLOR"] !== "0" && env["FORCE_COLOR"] !== "false";
  return stderr.isTTY === true && env["TERM"] !== "dumb";
}
