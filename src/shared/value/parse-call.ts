/**
 * A call written in WAVE: `[<interface id>#]name(arguments…)`, as `--invoke` takes it (wasm-wave README.md,
 * "Function calls").
 */
import { printFunc } from "../wit/print-type.ts";
import type { FuncType } from "../wit/types.ts";
import { readSeparated, readValue } from "./parse-wave.ts";
import { quote, textError } from "./text-error.ts";
import type { Value } from "./types.ts";
import { MAX_WAVE_LENGTH, WaveLexer } from "./wave-lexer.ts";

export interface CallTarget {
  /** The exported interface's id as written (`example:calc/math@1.0.0`); absent for a function of the world itself. */
  readonly interface?: string;
  /** The function's name, without `%`. */
  readonly function: string;
  /** Offset of the opening parenthesis. */
  readonly argumentsAt: number;
}

export interface ParsedCall {
  readonly interface?: string;
  readonly function: string;
  readonly type: FuncType;
  /** One value per parameter. */
  readonly args: readonly Value[];
}

/** Gives the type of an exported function; throws where there is none. */
export type LookupFunction = (interfaceId: string | undefined, functionName: string) => FuncType;

/** Longer names are not looked at. */
const MAX_NAME_LENGTH = 4096;
const LABEL = /^%?(?<label>[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*)$/u;
const INTERFACE = /^[a-zA-Z%][a-zA-Z0-9%:/-]*(?:@[0-9A-Za-z.+-]+)?$/u;

/** Which function a call names, so that its type can be looked up first. Throws ARGUMENT_INVALID. */
export function parseCallTarget(text: string): CallTarget {
  const parenthesis = text.indexOf("(");
  const nameEnd = parenthesis === -1 ? Math.min(text.length, MAX_WAVE_LENGTH) : parenthesis;
  const written = text.slice(0, nameEnd).trimEnd();
  const start = written.length - written.trimStart().length;
  const hash = written.lastIndexOf("#");
  const interfaceId = hash === -1 ? undefined : written.slice(start, hash).trim();
  const functionStart = hash === -1 ? start : hash + 1;
  const functionText = written.slice(functionStart).trim();
  if (interfaceId !== undefined && !INTERFACE.test(interfaceId)) {
    throw textError(
      text,
      start,
      `${quote(interfaceId)} is not an interface id`,
      "write namespace:package/interface@version#function(…)",
    );
  }
  const name =
    functionText.length > MAX_NAME_LENGTH ? undefined : LABEL.exec(functionText)?.groups?.["label"];
  if (name === undefined) {
    const found =
      functionText === ""
        ? "the function's name is missing"
        : `${quote(functionText)} is not a function name`;
    throw textError(
      text,
      functionStart,
      found,
      "write the call as function(arguments…) or interface-id#function(arguments…)",
    );
  }
  if (parenthesis === -1) {
    throw textError(
      text,
      written.length,
      `the call of ${quote(name)} has no arguments`,
      `write ${quote(name)}() for none`,
    );
  }
  return {
    ...(interfaceId === undefined ? {} : { interface: interfaceId }),
    function: name,
    argumentsAt: parenthesis,
  };
}

/** Reads a call. Throws ARGUMENT_INVALID that points into the text, and whatever `lookup` throws. */
export function parseCall(text: string, lookup: LookupFunction): ParsedCall {
  const { argumentsAt, ...target } = parseCallTarget(text);
  const type = lookup(target.interface, target.function);
  return { ...target, type, args: readArguments(text, argumentsAt, target.function, type) };
}

function readArguments(text: string, start: number, name: string, type: FuncType): Value[] {
  const lexer = new WaveLexer(text, start);
  const args: Value[] = [];
  const { params } = type;
  lexer.expect("(");
  readSeparated(lexer, ")", () => {
    const param = params[args.length];
    if (param === undefined) {
      const count = params.length === 1 ? "1 argument" : `${params.length} arguments`;
      return lexer.fail(
        lexer.peek().start,
        `${quote(name)} takes ${count}, more are given`,
        printFunc(name, type),
      );
    }
    lexer.context = `argument ${args.length + 1} (${param.name}) of ${name}: `;
    args.push(readValue(lexer, param.type, 0));
    lexer.context = "";
    return undefined;
  });
  const end = lexer.peek();
  if (end.kind !== "end") lexer.unexpected("the end of the call");
  // Options at the end may be left out.
  for (const param of params.slice(args.length)) {
    if (param.type.kind !== "option") {
      lexer.fail(end.start, `the argument ${param.name} of ${name} is missing`, printFunc(name, type));
    }
    args.push(null);
  }
  return args;
}
