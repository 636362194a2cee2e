/**
 * Handles at random places of random types, guest → native C → guest: the library gets the reps behind the handles, what
 * it gives back comes as new handles, and whatever goes wrong, every rep is somewhere once.
 */
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Value } from "../../src/shared/value/types.ts";
import type { FuncType, ResourceType, ValueType } from "../../src/shared/wit/types.ts";
import { isHostbundleError } from "../../src/shared/errors.ts";
import { ComponentInstance } from "../../src/worker/linker/component-instance.ts";
import type { CompiledLoweredImport } from "../../src/worker/abi/types.ts";
import type { Resource } from "../../src/worker/linker/resource.ts";
import { arbitraryType, arbitraryValue, echoType, sameValue, typeNamer } from "../support/arbitrary.ts";
import { thrownBy } from "../support/c-source-fixture.ts";
import { buildTestLibrary, type TestLibrary } from "../support/c-source-library.ts";
import { TEST_SPACE, type CFunction } from "../support/c-source.ts";
import { holdsHandles, mapHandles, ownedType } from "../support/handles.ts";
import { compiler } from "../support/native.ts";
import { asGuestImport, callFromGuest, coreSignature, GuestMemory } from "../support/oracle/index.ts";
import { temporaryFolder } from "../support/temporary.ts";

const SEED = 20_261_123;
const NESTED = 60;
const SEVERAL = 25;
const VALUES_PER_TYPE = 20;

const FOREIGN_REP = 77;

const RESOURCES: readonly ResourceType[] = [
  { interface: "test:echo/types", name: "alpha" },
  { interface: "test:echo/types", name: "beta-gamma" },
  { interface: "test:echo/types", name: "constructor" },
];

function drawTypes(depth: number, count: number, seed: number): readonly ValueType[] {
  return fc
    .sample(arbitraryType(depth, RESOURCES), { numRuns: count * 4, seed })
    .filter(holdsHandles)
    .slice(0, count);
}

function handleEcho(params: readonly ValueType[]): FuncType {
  const type = echoType(params);
  return type.result === undefined ? type : { ...type, result: ownedType(type.result) };
}

function drawFunctions(): readonly CFunction[] {
  const named = typeNamer();
  const leaves = RESOURCES.flatMap((resource): ValueType[] => [
    { kind: "own", resource },
    { kind: "borrow", resource },
  ]);
  const single = [...leaves, ...drawTypes(3, NESTED, SEED)].map((type) => [type]);
  const pool = drawTypes(1, SEVERAL * 6, SEED + 1);
  const several = Array.from({ length: SEVERAL }, (_, index) =>
    pool.slice(index * 6, index * 6 + 2 + (index % 5)),
  );
  return [...single, ...several].map((params, index) => ({
    name: `f${index}`,
    type: handleEcho(params.map(named)),
    body: { kind: "echo" },
  }));
}

const functions = drawFunctions();

describe("the drawn functions", () => {
  it("cover spilled parameters, spilled results and both flat", () => {
    const signatures = functions.map(({ type }) => coreSignature(type));
    expect(signatures.filter((one) => one.spilledParams).length).toBeGreaterThan(5);
    expect(signatures.filter((one) => !one.spilledParams && one.spilledResult).length).toBeGreaterThan(20);
    expect(signatures.filter((one) => !one.spilledResult).length).toBeGreaterThan(5);
  });
});

/** A handle as the test made it. */
interface Made {
  readonly index: number;
  readonly rep: number;
  readonly resource: Resource;
  readonly kind: "own" | "borrow";
}

/** A guest with a table of handles, and one function bound for it. */
class Bench {
  readonly guest = new GuestMemory("utf8");
  readonly instance: ComponentInstance;
  readonly type: FuncType;
  /** Handles of the arguments of the last call, in the order in which they are lifted. */
  made: Made[] = [];
  /** What `realloc` does beside its work. */
  onRealloc = (): void => {};
  readonly #resources = new Map<ResourceType, Resource>();
  readonly #imported;

  constructor(one: CFunction, compiled: CompiledLoweredImport) {
    for (const resource of RESOURCES)
      this.#resources.set(resource, { name: resource.name, implementer: undefined, destroy: undefined });
    this.type = one.type;
    this.instance = new ComponentInstance([...this.#resources.values()]);
    const options = {
      memory: this.guest.memory,
      realloc: (...args: [number, number, number, number]): number => {
        this.onRealloc();
        return this.guest.realloc(...args);
      },
      stringEncoding: this.guest.stringEncoding,
      resources: compiled.resources.map((resource) => this.resource(resource)),
    };
    this.#imported = asGuestImport(one.type, compiled.bind(options, this.instance));
  }

  resource(type: ResourceType): Resource {
    const found = this.#resources.get(type);
    if (found === undefined) throw new TypeError("a resource that was not drawn");
    return found;
  }

  /** Makes a handle for each rep in the arguments; lends every other borrow from a handle that is lent already. */
  lower(args: readonly Value[]): readonly Value[] {
    this.made = [];
    return args.map((arg, place) =>
      mapHandles(paramOf(this.type, place), arg, ({ kind, resource: type }, rep) => {
        const resource = this.resource(type);
        const again = this.made.find((one) => one.kind === "borrow" && one.resource === resource);
        if (kind === "borrow" && again !== undefined && rep % 2 === 0) {
          this.made.push(again);
          return again.index;
        }
        const index = this.instance.handles.add(resource, rep, undefined);
        this.made.push({ index, rep, resource, kind });
        return index;
      }),
    );
  }

  call(args: readonly Value[]): Value | undefined {
    this.guest.reset();
    return callFromGuest(this.guest, this.type, this.#imported, args);
  }

  /** The reps that the instance has to drop at its end. */
  reps(): readonly string[] {
    const left = [...this.instance.taken, ...this.instance.handles.clear()];
    return left.map(({ resource, rep }) => `${resource.name} ${String(rep)}`).toSorted();
  }
}

function paramOf(type: FuncType, place: number): ValueType {
  const param = type.params[place];
  if (param === undefined) throw new RangeError("no such parameter");
  return param.type;
}

function valuesOf(one: CFunction): fc.Arbitrary<Value[]> {
  return fc.tuple(...one.type.params.map((param) => arbitraryValue(param.type)));
}

const repsOf = (made: readonly Made[]): readonly string[] =>
  [...new Set(made)].map(({ resource, rep }) => `${resource.name} ${rep}`).toSorted();

describe.skipIf(!compiler.available)(`random handles through C ${compiler.reason}`, () => {
  const folder = temporaryFolder();
  let library: TestLibrary;
  beforeAll(() => {
    library = buildTestLibrary(folder, "handles", { space: TEST_SPACE, functions });
  });
  afterAll(() => library.native.close());

  it.each(functions)("$name: the library sees reps, the guest new handles", (one) => {
    const compiled = library.compile(one);
    fc.assert(
      fc.property(valuesOf(one), fc.integer({ min: 0, max: 3 }), (values, decoys) => {
        const bench = new Bench(one, compiled);
        const { handles } = bench.instance;
        for (let decoy = 0; decoy < decoys; decoy += 1)
          handles.add(bench.resource(RESOURCES[0] ?? { name: "" }), -decoy, undefined);
        const args = bench.lower(values);
        const sent = bench.made;
        const returned = bench.call(args);
        // What the library saw, and gave back in the same places.
        let place = 0;
        const expected = args.map((arg, index) =>
          mapHandles(paramOf(one.type, index), arg, () => sent[place++]?.rep ?? Number.NaN),
        );
        const given = mapHandles(one.type.result ?? { kind: "bool" }, returned ?? null, (type, index) =>
          Number(handles.take(index, bench.resource(type.resource))),
        );
        expect(sameValue(given, expected.length === 1 ? expected[0] : expected)).toBe(true);
        // What was given has left the table, what was lent is still there and free.
        const lent = [...new Set(sent)].filter((made) => made.kind === "borrow");
        expect(handles.size).toBe(decoys + lent.length);
        for (const { index, rep, resource } of lent)
          expect(handles.get(index, resource)).toMatchObject({ rep, lends: 0 });
        expect(bench.instance.taken).toEqual([]);
      }),
      { numRuns: VALUES_PER_TYPE, seed: SEED },
    );
    expect(library.count("released")).toBe(library.count("allocated"));
    expect(library.count("wild")).toBe(0);
  });

  it.each(functions)("$name: one wrong handle, and the library is not called", (one) => {
    const compiled = library.compile(one);
    fc.assert(
      fc.property(valuesOf(one), fc.nat(), fc.nat({ max: 3 }), (values, which, wrong) => {
        const bench = new Bench(one, compiled);
        const args = bench.lower(values);
        const sent = bench.made;
        fc.pre(sent.length > 0);
        const victim = which % sent.length;
        const other = RESOURCES.map((type) => bench.resource(type)).find(
          (resource) => resource !== sent[victim]?.resource,
        );
        if (other === undefined) throw new TypeError("there is one resource only");
        const foreign = bench.instance.handles.add(other, FOREIGN_REP, undefined);
        const spoilt = [0, 2 ** 32 - 1, foreign + 1, foreign][wrong] ?? 0;
        let place = 0;
        const bad = args.map((arg, index) =>
          mapHandles(paramOf(one.type, index), arg, (_, handle) => (place++ === victim ? spoilt : handle)),
        );
        const before = library.count("calls");
        const thrown = thrownBy(() => bench.call(bad));
        expect(isHostbundleError(thrown) && thrown.code).toBe("TRAP");
        expect(String(thrown)).toMatch(/handle index/);
        expect(library.count("calls")).toBe(before);
        expect(bench.instance.handles.take(foreign, other)).toBe(FOREIGN_REP);
        expect(bench.reps()).toEqual(repsOf(sent));
      }),
      { numRuns: VALUES_PER_TYPE, seed: SEED },
    );
  });

  it.each(functions)("$name: a result that cannot be delivered leaves its reps with the guest", (one) => {
    const compiled = library.compile(one);
    fc.assert(
      fc.property(valuesOf(one), fc.nat({ max: 3 }), (values, good) => {
        const bench = new Bench(one, compiled);
        const args = bench.lower(values);
        const sent = bench.made;
        const before = library.count("calls");
        let left = good;
        bench.onRealloc = () => {
          if (left === 0) throw new WebAssembly.RuntimeError("unreachable");
          left -= 1;
        };
        const thrown = thrownBy(() => bench.call(args));
        // Enough was allocated: nothing went wrong.
        expect(thrown === undefined || thrown instanceof WebAssembly.RuntimeError).toBe(true);
        expect(library.count("calls")).toBe(before + 1);
        // The library gives all that it was given; what it was lent is there twice now.
        const lent = repsOf(sent.filter((made) => made.kind === "borrow"));
        const given = sent.map(({ resource, rep }) => `${resource.name} ${rep}`);
        expect(bench.reps()).toEqual([...given, ...lent].toSorted());
      }),
      { numRuns: VALUES_PER_TYPE, seed: SEED },
    );
    expect(library.count("released")).toBe(library.count("allocated"));
  });
});
