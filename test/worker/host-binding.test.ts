import { expect, test } from "vitest";
import { isHostbundleError } from "../../src/shared/errors.ts";
import { isServedWasi } from "../../src/main/link/wasi.ts";
import type { WasiGrants } from "../../src/shared/protocol.ts";
import { bindHostFunction, hostResourceDestructor } from "../../src/worker/host-binding.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { WASI_FUNCTIONS, WASI_RESOURCES } from "../support/wasi-functions.ts";
import { openWasi, restoreExit, thrownBy } from "../support/wasi.ts";

restoreExit();

const folder = temporaryFolder();
const NAMES = Object.keys(WASI_FUNCTIONS).map((name) => `wasi:${name}@0.2.12`);

const NOTHING: WasiGrants = {
  args: [],
  env: [],
  directories: [],
  stdin: new Uint8Array(),
  output: "capture",
};

const EVERYTHING: WasiGrants = {
  args: ["a"],
  env: [["B", "c"]],
  directories: [{ host: folder, guest: "/", readOnly: true }],
  stdin: "inherit",
  output: "inherit",
};

function refusal(holder: object, name: string): unknown {
  const error = thrownBy(() => bindHostFunction(holder, name));
  return isHostbundleError(error) ? [error.code, error.message.includes(name)] : error;
}

test("the fixture has the interfaces that the linker serves, and no others", () => {
  expect(NAMES.filter((name) => !isServedWasi(name))).toEqual([]);
  expect(NAMES).toHaveLength(29);
});

/** How a function is bound, or why it is not. */
function kindOf(holder: object, name: string): string {
  try {
    return bindHostFunction(holder, name).invocation.kind;
  } catch (error) {
    return error instanceof Error ? error.message : "thrown";
  }
}

test.each([
  ["nothing", NOTHING],
  ["everything", EVERYTHING],
])("every function of every interface is there: granted %s", async (_, grants) => {
  const run = await openWasi(NAMES, grants);
  for (const [name, functions] of Object.entries(WASI_FUNCTIONS)) {
    const holder = run.holder(`wasi:${name}@0.2.12`) ?? {};
    const bound = functions.map((func) => [func, kindOf(holder, func)]);
    const expected = functions.map((func) => [func, /^\[(constructor|method)/.exec(func)?.[1] ?? "function"]);
    expect(bound).toEqual(expected);
  }
  run.close();
});

test("every resource has its class, for jco to recognise objects by", async () => {
  const run = await openWasi(NAMES, NOTHING);
  for (const [name, resources] of Object.entries(WASI_RESOURCES)) {
    for (const resource of resources) {
      const Name = resource.replaceAll(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());
      expect(run.imports[`wasi:${name}@0.2.12`]).toHaveProperty(Name, expect.any(Function));
    }
  }
});

class Thing {
  static make(): Thing {
    return new Thing();
  }

  doIt(): string {
    return "done";
  }
}

class Child extends Thing {}

const HOLDER = { Thing, Child, getThing: () => new Thing(), notFunction: 1 };

test("functions are bound as they are called", () => {
  expect(bindHostFunction(HOLDER, "get-thing")).toEqual({
    invocation: { kind: "function" },
    target: HOLDER.getThing,
  });
  expect(bindHostFunction(HOLDER, "[static]thing.make")).toEqual({
    invocation: { kind: "function" },
    target: expect.any(Function),
  });
  expect(bindHostFunction(HOLDER, "[constructor]thing")).toEqual({
    invocation: { kind: "constructor" },
    target: Thing,
  });
  expect(bindHostFunction(HOLDER, "[method]thing.do-it").invocation).toEqual({
    kind: "method",
    name: "doIt",
  });
});

test("a class has what the one that it extends has", () => {
  for (const kind of ["[method]%.do-it", "[static]%.make"]) {
    const ofChild = bindHostFunction(HOLDER, kind.replace("%", "child"));
    expect(ofChild).toEqual(bindHostFunction(HOLDER, kind.replace("%", "thing")));
  }
});

test.each([
  "constructor",
  "__proto__",
  "to-string",
  "has-own-property",
  "not-function",
  "absent",
  "",
  "[constructor]absent",
  "[constructor]get-thing",
  "[method]thing.constructor",
  "[method]thing.to-string",
  "[method]thing.__proto__",
  "[method]thing.make",
  "[method]thing",
  "[method]get-thing.call",
  "[static]thing.prototype",
  "[static]thing.name",
  "[static]thing.call",
  "[static]thing.do-it",
  "[other]thing.do-it",
  "[method]object.keys",
])("%j is not a function of the interface", (name) => {
  expect(refusal(HOLDER, name)).toEqual(["INTERNAL", true]);
});

test("more names than are remembered are still told apart", () => {
  for (let index = 0; index < 3000; index += 1) {
    const name = `f${index}`;
    expect(bindHostFunction({ [name]: HOLDER.getThing }, name).target).toBe(HOLDER.getThing);
  }
  expect(bindHostFunction(HOLDER, "[constructor]thing").target).toBe(Thing);
});

test("dropping a handle disposes of the object that can be", () => {
  let disposed = 0;
  hostResourceDestructor({
    [Symbol.dispose]() {
      disposed += 1;
    },
  });
  for (const rep of [new Thing(), undefined, null, 7, Object.create(null)]) hostResourceDestructor(rep);
  expect(disposed).toBe(1);
});
