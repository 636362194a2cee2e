import { expect, test } from "vitest";
import { HandleTable } from "../../../src/worker/linker/handle-table.ts";
import type { Resource } from "../../../src/worker/linker/resource.ts";

function resource(name: string): Resource {
  return { name, implementer: undefined, destroy: undefined };
}

const FILE = resource("file");
const SOCKET = resource("socket");

test("indices begin at 1, and those given up are used again, last first", () => {
  const table = new HandleTable();
  expect([10, 11, 12].map((rep) => table.add(FILE, rep, undefined))).toEqual([1, 2, 3]);
  table.remove(1, FILE);
  table.remove(3, FILE);
  expect(table.size).toBe(1);
  expect([13, 14, 15].map((rep) => table.add(FILE, rep, undefined))).toEqual([3, 1, 4]);
  expect(table.clear().map(({ rep }) => rep)).toEqual([15, 13, 11, 14]);
  expect(table.size).toBe(0);
  expect(table.add(FILE, 16, undefined)).toBe(1);
});

function filled(): HandleTable {
  const table = new HandleTable();
  table.add(FILE, "own", undefined);
  table.add(FILE, "borrowed", { borrows: 1 });
  table.add(FILE, "lent", undefined);
  table.get(3, FILE).lends += 1;
  table.add(SOCKET, "other", undefined);
  table.add(FILE, "dropped", undefined);
  table.remove(5, FILE);
  return table;
}

test.each([
  ["zero", 0, "unknown handle index 0"],
  ["beyond the end", 6, "unknown handle index 6"],
  ["the largest there is", 0xffff_ffff, "unknown handle index 4294967295"],
  ["dropped before", 5, "unknown handle index 5"],
  ["of another resource", 4, "handle index 4 is of resource socket, file is expected"],
])("an index that is %s is refused everywhere", (_name, index, message) => {
  expect(() => filled().get(index, FILE)).toThrow(message);
  expect(() => filled().remove(index, FILE)).toThrow(message);
  expect(() => filled().take(index, FILE)).toThrow(message);
});

test("a lent handle can be looked at and not given up", () => {
  const table = filled();
  expect(table.get(3, FILE).rep).toBe("lent");
  expect(() => table.remove(3, FILE)).toThrow("handle index 3 is lent");
  expect(() => table.take(3, FILE)).toThrow("handle index 3 is lent");
  table.get(3, FILE).lends -= 1;
  expect(table.take(3, FILE)).toBe("lent");
});

test("a borrowed handle can be dropped and not passed on as one's own", () => {
  const table = filled();
  expect(() => table.take(2, FILE)).toThrow("handle index 2 is borrowed");
  expect(table.get(2, FILE).rep).toBe("borrowed");
  expect(table.remove(2, FILE).scope).toEqual({ borrows: 1 });
});

test("an owned handle is taken once", () => {
  const table = filled();
  expect(table.take(1, FILE)).toBe("own");
  expect(() => table.take(1, FILE)).toThrow("unknown handle index 1");
});
