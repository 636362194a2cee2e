/** The host that the scripts of the component test suites expect: some functions, and resources that count drops. */
import type { FuncType, ResourceType, ValueType } from "../../../src/shared/wit/types.ts";
import type { ProvidedFunction, ProvidedInstance, ProvidedResource, Providers } from "./provider.ts";

const U32: ValueType = { kind: "u32" };

/** A fresh host: nothing has been dropped yet. */
export function createHost(): Providers {
  return new Map<string, ProvidedFunction | ProvidedInstance>([
    ["host-return-two", provide([], U32, () => 2)],
    ["host-echo-u32", provide([U32], U32, (value: number) => value)],
    ["host", { kind: "instance", members: hostMembers() }],
  ]);
}

function hostMembers(): ReadonlyMap<string, ProvidedFunction | ProvidedResource> {
  const type: ResourceType = { name: "resource1" };
  const own: ValueType = { kind: "own", resource: type };
  const borrow: ValueType = { kind: "borrow", resource: type };
  const dropped: unknown[] = [];
  const members: [string, ProvidedFunction | ProvidedResource][] = [
    ["return-three", provide([], U32, () => 3)],
    ["return-hi", provide([], { kind: "string" }, () => "hi")],
    ["resource1", { kind: "resource", type, destroy: (rep) => dropped.push(rep) }],
    ["resource1-again", { kind: "resource", type }],
    ["resource2", { kind: "resource", type: { name: "resource2" } }],
    ["[constructor]resource1", provide([U32], own, (rep: number) => rep)],
    ["[static]resource1.assert", provide([own, U32], undefined, checkRep)],
    ["[static]resource1.last-drop", provide([], U32, () => dropped.at(-1) ?? 0)],
    ["[static]resource1.drops", provide([], U32, () => dropped.length)],
    ["[method]resource1.simple", provide([borrow, U32], undefined, checkRep)],
    ["[method]resource1.take-borrow", provide([borrow, borrow], undefined, () => undefined)],
    ["[method]resource1.take-own", provide([borrow, own], undefined, () => undefined)],
  ];
  return new Map(members);
}

function provide(
  params: readonly ValueType[],
  result: ValueType | undefined,
  call: ProvidedFunction["call"],
): ProvidedFunction {
  const type: FuncType = {
    params: params.map((param, index) => ({ name: `p${index}`, type: param })),
    ...(result === undefined ? {} : { result }),
  };
  return { kind: "function", type, call };
}

/** What the host cannot believe is a trap of its caller. */
function checkRep(rep: unknown, expected: number): void {
  if (rep !== expected) throw new WebAssembly.RuntimeError(`the host got resource ${String(rep)}`);
}
