import { expect, test } from "vitest";
import { isHostbundleError } from "../../src/shared/errors.ts";
import { HTTP_TYPES } from "../../src/worker/wasi-http.ts";
import { Fields } from "../../src/worker/wasi-http-fields.ts";
import { bindHostFunction } from "../../src/worker/host-binding.ts";
import { thrownBy, type GuestStream } from "../support/wasi.ts";

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));

/** What a guest's call throws; a `result` without payload throws `undefined`. */
function outcome(call: () => unknown): unknown {
  try {
    return ["ok", call()];
  } catch (error) {
    return ["err", error];
  }
}

/** An object that a guest has, and its methods as they are invoked. */
type Thing = Record<string, (...args: readonly unknown[]) => unknown>;

function construct(resource: string, ...args: readonly unknown[]): Thing {
  const { target } = bindHostFunction(HTTP_TYPES, `[constructor]${resource}`);
  return Reflect.construct(target, args);
}

/** Calls a method; the caller says what it gives. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
function invoke<Result>(thing: Thing, name: string): Result {
  const found: unknown = thing[name];
  if (typeof found !== "function") throw new Error(`no ${name}`);
  return Reflect.apply(found, thing, []);
}

test("fields keep order and case, and are found whatever their case", () => {
  const fields = Fields.fromList([
    ["Accept", bytes("a")],
    ["x-one", bytes("1")],
    ["ACCEPT", bytes("b")],
  ]);
  expect(fields.get("accept")).toEqual([bytes("a"), bytes("b")]);
  expect(fields.has("X-One")).toBe(true);
  expect(fields.has("x-two")).toBe(false);
  expect(fields.entries().map(([name]) => name)).toEqual(["Accept", "x-one", "ACCEPT"]);
  fields.set("Accept", [bytes("c")]);
  expect(fields.entries().map(([name]) => name)).toEqual(["x-one", "Accept"]);
  fields.delete("X-ONE");
  fields.delete("absent");
  expect(fields.entries()).toEqual([["Accept", bytes("c")]]);
});

test("a clone is apart from what it was made of, and can be changed", () => {
  const fields = Fields.fromList([["a", bytes("1")]]).freeze();
  const copy = fields.clone();
  copy.append("b", bytes("2"));
  expect(fields.has("b")).toBe(false);
  expect(copy.entries()).toHaveLength(2);
});

test.each([
  ["a b", "1", "invalid-syntax"],
  ["", "1", "invalid-syntax"],
  ["ä", "1", "invalid-syntax"],
  ["a", "1\r\nb: 2", "invalid-syntax"],
  ["a", "\0", "invalid-syntax"],
  ["Host", "x", "forbidden"],
  ["connection", "x", "forbidden"],
])("field %j: %j is %s", (name, value, tag) => {
  const fields = new Fields();
  expect(thrownBy(() => fields.append(name, bytes(value)))).toEqual({ tag });
  expect(thrownBy(() => fields.set(name, [bytes(value)]))).toEqual({ tag });
  expect(thrownBy(() => Fields.fromList([[name, bytes(value)]]))).toEqual({ tag });
  expect(fields.entries()).toEqual([]);
});

test("the fields of a request are immutable", () => {
  const fields = new Fields();
  const request = construct("outgoing-request", fields);
  expect(request["headers"]?.()).toBe(fields);
  for (const call of [
    () => fields.append("a", bytes("1")),
    () => fields.set("a", []),
    () => fields.delete("a"),
  ])
    expect(thrownBy(call)).toEqual({ tag: "immutable" });
});

test("fields are bounded, and room that is given up can be used again", () => {
  const fields = new Fields();
  const value = new Uint8Array(100 * 1024).fill(97);
  for (let round = 0; round < 10; round += 1) fields.set("a", [value]);
  const error = thrownBy(() => fields.append("b", value));
  expect(isHostbundleError(error) && error.code).toBe("TRAP");
});

const SETTERS: readonly (readonly [string, string, unknown, boolean])[] = [
  ["method", "setMethod", { tag: "post" }, true],
  ["method", "setMethod", { tag: "other", val: "PURGE" }, true],
  ["method", "setMethod", { tag: "other", val: "a b" }, false],
  ["scheme", "setScheme", { tag: "HTTPS" }, true],
  ["scheme", "setScheme", undefined, true],
  ["scheme", "setScheme", { tag: "other", val: "1x" }, false],
  ["pathWithQuery", "setPathWithQuery", "/a?b=c", true],
  ["pathWithQuery", "setPathWithQuery", undefined, true],
  ["pathWithQuery", "setPathWithQuery", "/a b", false],
  ["authority", "setAuthority", "example.com:8080", true],
  ["authority", "setAuthority", "[::1]:80", true],
  ["authority", "setAuthority", undefined, true],
  ["authority", "setAuthority", "example.com:65536", false],
  ["authority", "setAuthority", "a b", false],
  ["authority", "setAuthority", "", false],
];

test.each(SETTERS)("%s: %s(%j) is taken: %s", (getter, setter, value, isTaken) => {
  const request = construct("outgoing-request", new Fields());
  const before = request[getter]?.();
  expect(outcome(() => request[setter]?.(value))).toEqual(isTaken ? ["ok", undefined] : ["err", undefined]);
  expect(request[getter]?.()).toEqual(isTaken ? value : before);
});

test("options and a response's status are kept", () => {
  const options = construct("request-options");
  expect(options["connectTimeout"]?.()).toBeUndefined();
  options["setFirstByteTimeout"]?.(5n);
  expect(options["firstByteTimeout"]?.()).toBe(5n);
  expect(options["betweenBytesTimeout"]?.()).toBeUndefined();
  const response = construct("outgoing-response", new Fields());
  expect(response["statusCode"]?.()).toBe(200);
  response["setStatusCode"]?.(404);
  expect(outcome(() => response["setStatusCode"]?.(99))).toEqual(["err", undefined]);
  expect(response["statusCode"]?.()).toBe(404);
});

/** A body, as the guest that made the request has it. */
function body(contentLength?: string): { readonly body: unknown; readonly stream: GuestStream } {
  const headers =
    contentLength === undefined ? new Fields() : Fields.fromList([["Content-Length", bytes(contentLength)]]);
  const request = construct("outgoing-request", headers);
  const taken = invoke<Thing>(request, "body");
  expect(outcome(() => request["body"]?.())).toEqual(["err", undefined]);
  const stream = invoke<GuestStream>(taken, "write");
  expect(outcome(() => taken["write"]?.())).toEqual(["err", undefined]);
  return { body: taken, stream };
}

function finish(value: unknown): unknown {
  const { target } = bindHostFunction(HTTP_TYPES, "[static]outgoing-body.finish");
  return outcome(() => Reflect.apply(target, undefined, [value, undefined]));
}

test("a body has one stream and is as long as it was said to be", () => {
  const exact = body("3");
  exact.stream.write(bytes("abc"));
  expect(thrownBy(() => exact.stream.write(bytes("d")))).toMatchObject({ tag: "last-operation-failed" });
  expect(finish(body().body)).toEqual(["ok", undefined]);
  const short = body("3");
  short.stream.blockingWriteAndFlush(bytes("ab"));
  expect(finish(short.body)).toEqual(["err", { tag: "HTTP-request-body-size", val: 2n }]);
  expect(thrownBy(() => short.stream.write(bytes("c")))).toEqual({ tag: "closed" });
});
