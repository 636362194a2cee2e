import { describe, expect, it } from "vitest";
import type { Resource } from "../../../../src/worker/linker/resource.ts";
import type { CoreFunction } from "../../../../src/worker/abi/types.ts";
import { func, handle, LABEL, TestInstance, thrownBy } from "./instance.ts";

const own = handle("own");
const borrow = handle("borrow");

function resource(name: string, implementer?: TestInstance): Resource {
  return { name, implementer: implementer?.state, destroy: undefined };
}

const refused = (reason: string): string => `TRAP ${LABEL}: p0: ${reason}`;

/** Two instances that know the host's `file` and `socket`. */
function instances(): { a: TestInstance; b: TestInstance; file: Resource; socket: Resource } {
  const resources = [resource("file"), resource("socket")] as const;
  const [file, socket] = resources;
  return { a: new TestInstance("utf8", resources), b: new TestInstance("utf8", resources), file, socket };
}

/** What dropping a borrowed handle does to the table (`canon_resource_drop`). */
function drop(instance: TestInstance, index: number, type: Resource): void {
  const { scope } = instance.state.handles.remove(index, type);
  if (scope !== undefined) scope.borrows -= 1;
}

describe("own", () => {
  it("leaves the guest's table for the host, and enters it from there", () => {
    const { a, file } = instances();
    const rep = { path: "/etc/motd" };
    const seen: unknown[] = [];
    const index = a.state.handles.add(file, rep, undefined);
    a.imported(func([own]), (given: unknown) => void seen.push(given))(index);
    expect([seen, a.state.handles.size]).toEqual([[rep], 0]);
    const opened = a.imported(func([], own), () => rep)();
    expect(a.state.handles.get(Number(opened), file)).toMatchObject({ rep, lends: 0, scope: undefined });
  });

  it("goes to an export and comes back from it", () => {
    const { a } = instances();
    const rep = { path: "/" };
    const call = a.exported(func([own], own), (index) => index);
    expect(call(rep)).toBe(rep);
    expect(a.state.handles.size).toBe(0);
  });

  it("moves from one guest to another", () => {
    const { a, b, file } = instances();
    const index = a.state.handles.add(file, 7, undefined);
    const got: unknown[] = [];
    a.importedFrom(
      b,
      func([own]),
      (given) => void got.push(b.state.handles.get(Number(given), file).rep),
    )(index);
    expect([got, a.state.handles.size, b.state.handles.size]).toEqual([[7], 0, 1]);
  });

  it("lies in lists, records and variants alike", () => {
    const { a, file } = instances();
    const type = { kind: "list", element: { kind: "option", element: own } } as const;
    const [one, two] = [{}, {}];
    const indices = [one, two].map((rep) => a.state.handles.add(file, rep, undefined));
    const at = a.words(1, indices[0] ?? 0, 0, 0, 1, indices[1] ?? 0);
    const seen: unknown[] = [];
    a.imported(
      func([type, { kind: "option", element: own }]),
      (...given: unknown[]) => void seen.push(...given),
    )(at, 3, 0, 0);
    expect([seen, a.state.handles.size]).toEqual([[[one, null, two], null], 0]);
  });
});

describe.each([
  ["own", own],
  ["borrow", borrow],
] as const)("%s: an index", (kind, type) => {
  const attempt = (prepare: (a: TestInstance, file: Resource, socket: Resource) => number): string => {
    const { a, b, file, socket } = instances();
    const core = a.importedFrom(b, func([type]), () => undefined);
    const index = prepare(a, file, socket);
    return thrownBy(() => core(index));
  };

  it("that was never given traps", () => {
    expect(attempt(() => 1)).toBe(refused("unknown handle index 1"));
    expect(attempt(() => 0)).toBe(refused("unknown handle index 0"));
    expect(attempt(() => -1)).toBe(refused("unknown handle index 4294967295"));
  });

  it("that was dropped traps", () => {
    const dropped = attempt((a, file) => {
      const index = a.state.handles.add(file, 1, undefined);
      drop(a, index, file);
      return index;
    });
    expect(dropped).toBe(refused("unknown handle index 1"));
  });

  it("of another resource traps", () => {
    expect(attempt((a, _, socket) => a.state.handles.add(socket, 1, undefined))).toBe(
      refused("handle index 1 is of resource socket, file is expected"),
    );
  });

  it("that is borrowed can only be lent on", () => {
    const thrown = attempt((a, file) => a.state.handles.add(file, 1, { borrows: 1 }));
    // The callee here leaves the handle that it was lent in its table.
    const borrowed = "call: borrow handles still remain at the end of the call";
    expect(thrown).toContain(kind === "own" ? "is borrowed, an owned handle is expected" : borrowed);
  });
});

describe("borrow", () => {
  it("lends a handle to the host for as long as the call takes", () => {
    const { a, file } = instances();
    const rep = {};
    const index = a.state.handles.add(file, rep, undefined);
    const seen: unknown[] = [];
    const core = a.imported(func([borrow, borrow]), (...given: unknown[]) => {
      seen.push(...given, a.state.handles.get(index, file).lends);
    });
    core(index, index);
    core(index, index);
    expect(seen).toEqual([rep, rep, 2, rep, rep, 2]);
    expect(a.state.handles.get(index, file).lends).toBe(0);
  });

  it("a lent handle cannot be given away in the same call", () => {
    const { a, file } = instances();
    const index = a.state.handles.add(file, {}, undefined);
    const core = a.imported(func([borrow, own]), () => undefined);
    expect(thrownBy(() => core(index, index))).toBe(
      `TRAP ${LABEL}: p1: handle index 1 is lent and cannot be given up now`,
    );
  });

  it("is a handle of its own in another guest, to be dropped before the call ends", () => {
    const { a, b, file } = instances();
    const index = a.state.handles.add(file, 5, undefined);
    const seen: unknown[] = [];
    const good: CoreFunction = (given) => {
      const lent = b.state.handles.get(Number(given), file);
      seen.push(lent.rep, lent.scope?.borrows, a.state.handles.get(index, file).lends);
      drop(b, Number(given), file);
    };
    a.importedFrom(b, func([borrow]), good)(index);
    expect([seen, b.state.handles.size, a.state.handles.get(index, file).lends]).toEqual([[5, 1, 1], 0, 0]);
    const bad = a.importedFrom(b, func([borrow]), () => undefined);
    expect(thrownBy(() => bad(index))).toBe(
      `TRAP ${LABEL}: call: borrow handles still remain at the end of the call`,
    );
  });

  it("from the host is checked at the end of each call anew", () => {
    const { a, file } = instances();
    let isDropped = true;
    const call = a.exported(func([borrow]), (given) => {
      if (isDropped) drop(a, Number(given), file);
    });
    call({});
    call({});
    isDropped = false;
    expect(thrownBy(() => call({}))).toContain("borrow handles still remain");
  });

  it("is the rep itself for the guest that implements the resource", () => {
    const caller = new TestInstance("utf8", []);
    const resources: Resource[] = [];
    const implementer = new TestInstance("utf8", resources);
    resources.push(resource("file", implementer));
    const seen: unknown[] = [];
    const core: CoreFunction = (rep) => void seen.push(rep);
    implementer.exported(func([borrow]), core)(1234);
    implementer.exported(func([borrow]), core)(0xffff_ffff);
    expect([seen, implementer.state.handles.size]).toEqual([[1234, 0xffff_ffff], 0]);
    expect(thrownBy(() => caller.importedFrom(implementer, func([borrow]), core)(1))).toContain(
      "no resource 0",
    );
  });

  it("a rep that a guest's resource cannot have is refused", () => {
    for (const type of [own, borrow]) {
      const resources: Resource[] = [];
      const implementer = new TestInstance("utf8", resources);
      resources.push(resource("file", implementer));
      const call = implementer.exported(func([type]), () => undefined);
      expect(thrownBy(() => call({}))).toBe(
        `INTERNAL ${LABEL}: p0: expected the rep of a file, got an object`,
      );
    }
  });

  it("a handle lent while the call fails is of no use to anyone", () => {
    const { a, file } = instances();
    const index = a.state.handles.add(file, {}, undefined);
    const core = a.imported(func([borrow]), () => {
      throw new Error("broken pipe");
    });
    expect(thrownBy(() => core(index))).toBe("Error broken pipe");
    expect([a.state.mayLeave, a.state.mayEnter]).toEqual([false, false]);
  });
});
