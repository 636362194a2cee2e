import { describe, expect, test } from "vitest";
import { HostbundleError, formatError, isHostbundleError } from "../../../src/shared/errors.ts";
import { parseCall, parseCallTarget } from "../../../src/shared/value/parse-call.ts";
import type { FuncType } from "../../../src/shared/wit/types.ts";
import { option, p } from "./types.ts";

const FUNCTIONS: ReadonlyMap<string, FuncType> = new Map([
  ["greet", { params: [{ name: "name", type: p("string") }], result: p("string") }],
  ["constructor", { params: [] }],
  ["stream", { params: [] }],
  [
    "example:calc/math@1.0.0-rc.1+b.2#add",
    {
      params: [
        { name: "a", type: p("u32") },
        { name: "b", type: p("u32") },
      ],
      result: p("u32"),
    },
  ],
  ["store#get", { params: [{ name: "key", type: p("string") }] }],
  [
    "opts",
    {
      params: [
        { name: "a", type: p("u8") },
        { name: "b", type: option(p("u8")) },
        { name: "c", type: option(option(p("u8"))) },
      ],
    },
  ],
  ["all-opts", { params: [{ name: "a", type: option(p("u8")) }] }],
]);

function lookup(interfaceId: string | undefined, name: string): FuncType {
  const found = FUNCTIONS.get(interfaceId === undefined ? name : `${interfaceId}#${name}`);
  if (found === undefined) throw new HostbundleError("USAGE", `no ${name}`);
  return found;
}

/** Also what the lookup throws. */
function refusalOfCall(text: string): string {
  try {
    parseCall(text, lookup);
  } catch (error) {
    if (isHostbundleError(error)) return formatError(error.toData());
    throw error;
  }
  throw new Error("accepted");
}

test.each([
  ['greet("World")', undefined, "greet", ["World"]],
  [' greet ( "World" , ) // hello', undefined, "greet", ["World"]],
  ['greet("a#b(c)")', undefined, "greet", ["a#b(c)"]],
  ["constructor()", undefined, "constructor", []],
  ["%stream( )", undefined, "stream", []],
  ["example:calc/math@1.0.0-rc.1+b.2#add(1, 2)", "example:calc/math@1.0.0-rc.1+b.2", "add", [1, 2]],
  ['store#get("k")', "store", "get", ["k"]],
  ["opts(1)", undefined, "opts", [1, null, null]],
  ["opts(1, some(2))", undefined, "opts", [1, 2, null]],
  ["opts(1, none, some(none))", undefined, "opts", [1, null, { some: null }]],
  ["all-opts()", undefined, "all-opts", [null]],
])("%s", (text, interfaceId, name, args) => {
  const call = parseCall(text, lookup);
  expect(call).toEqual({
    ...(interfaceId === undefined ? {} : { interface: interfaceId }),
    function: name,
    type: lookup(interfaceId, name),
    args,
  });
});

const REFUSED: readonly (readonly [text: string, ...words: string[]])[] = [
  ["", "the function's name is missing"],
  ["(1)", "the function's name is missing"],
  ["greet", "the call of greet has no arguments", "write greet() for none"],
  ["greet()", "the argument name of greet is missing", "greet: func(name: string) -> string"],
  ["greet(", "argument 1 (name) of greet: expected string, found the end"],
  ['greet("a"', 'expected "," or ")", found the end'],
  ['greet("a", "b")', "greet takes 1 argument, more are given", "greet: func(name: string) -> string"],
  ['greet("a") x', "expected the end of the call, found x"],
  ["greet(,)", "argument 1 (name) of greet: expected string, found ,"],
  ["greet(1)", "argument 1 (name) of greet: expected string, found 1"],
  ["opts(300)", "argument 1 (a) of opts: expected u8, found 300", "u8 holds 0 to 255"],
  ["opts()", "the argument a of opts is missing"],
  ["Greet()", "no Greet"],
  ["__proto__()", "__proto__ is not a function name"],
  ["a-".repeat(5_000_000), "is not a function name"],
  ["a.b()", "a.b is not a function name", "interface-id#function(arguments…)"],
  ["not an id#f()", "not an id is not an interface id"],
  ["#f()", " is not an interface id"],
  ["a#b#f()", "a#b is not an interface id"],
  ["greet\u{1b}[2J()", "greet\u{fffd}[2J is not a function name"],
];

test.each(REFUSED.map(([text, ...words]) => ({ shown: text.slice(0, 40), text, words })))(
  "refuses $shown",
  ({ text, words }) => {
    const message = refusalOfCall(text);
    for (const word of words) expect(message).toContain(word);
  },
);

describe("parseCallTarget", () => {
  test("says where the arguments begin, without looking at them", () => {
    expect(parseCallTarget("a:b/c#f (oops")).toEqual({ interface: "a:b/c", function: "f", argumentsAt: 8 });
  });
});
