import { componentEmbed, componentNew, parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { describe, expect, it } from "vitest";
import { decodeComponent } from "../../../src/main/component/decode.ts";
import { isHostbundleError } from "../../../src/shared/errors.ts";
import { decodeEncodedWorld } from "../../../src/shared/wit/binary/decode-world.ts";
import { BinaryFault } from "../../../src/shared/wit/binary/trail.ts";
import { printWorld } from "../../support/print-world.ts";
import { createRandom, mutate } from "../../support/mutate.ts";
import { encodeWorld } from "../../support/worlds.ts";

const WIT = `package a:b@1.0.0;
interface types {
  resource r { constructor(x: u32); m: func(o: borrow<r>) -> result<r, e>; s: static func(); }
  record e { a: string, b: list<u8, 4> }
  variant v { a(u8), b, c(e) }
  enum en { x, y }
  flags fl { p, q }
  f: func(a: v, b: en, c: fl) -> tuple<u8, char>;
}
interface i { use types.{r, e as ee}; f: func(a: r, b: ee, c: list<list<ee>>) -> option<f64>; }
world w {
  import types;
  use i.{ee};
  import g: func(x: ee);
  resource rr { constructor(); }
  export i;
  export foo: interface { z: func(); }
  export main: func(a: borrow<rr>) -> rr;
}`;

const COMPOSED = `(component
  (type $pair (tuple u8 u8))
  (import "i" (instance $i (export "r" (type $r (sub resource))) (export "f" (func (param "x" (own $r)))) ))
  (component $c
    (alias outer 1 $pair (type $p))
    (import "r" (type $r (sub resource)))
    (import "f" (func $f (param "x" (own $r))))
    (type $mine (resource (rep i32)))
    (export "mine" (type $mine))
    (export "g" (func $f)))
  (alias export $i "r" (type $r))
  (alias export $i "f" (func $f))
  (instance $x (instantiate $c (with "r" (type $r)) (with "f" (func $f))))
  (instance $y (instantiate $c (with "r" (type $r)) (with "f" (func $f))))
  (export "x" (instance $x))
  (export "y" (instance $y)))`;

const ROUNDS = 4000;

/** Decodes many mutations; gives how many were accepted and how many refused as they should be. */
function survey(
  original: Uint8Array,
  decode: (bytes: Uint8Array) => unknown,
): { accepted: number; refused: number } {
  const random = createRandom(20_251_123);
  let accepted = 0;
  let refused = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const bytes = mutate(original, random);
    try {
      decode(bytes);
      accepted++;
    } catch (error) {
      const expected =
        error instanceof BinaryFault || (isHostbundleError(error) && error.code === "COMPONENT_INVALID");
      if (!expected)
        throw new Error(`round ${round}: ${Buffer.from(bytes).toString("hex")}`, { cause: error });
      refused++;
    }
  }
  return { accepted, refused };
}

describe("mutated binaries give a world or an error with a place", () => {
  it("a component that wit-component made", async () => {
    const component = await componentNew(await componentEmbed({ witSource: WIT, dummy: true }), []);
    const { accepted, refused } = survey(component, (bytes) =>
      printWorld(decodeComponent(bytes, "app.wasm").world),
    );
    expect(accepted).toBeGreaterThan(ROUNDS / 20);
    expect(refused).toBeGreaterThan(ROUNDS / 20);
  });

  it("a composed component", async () => {
    const { accepted, refused } = survey(await parse(COMPOSED), (bytes) =>
      printWorld(decodeComponent(bytes, "app.wasm").world),
    );
    expect(accepted).toBeGreaterThan(ROUNDS / 20);
    expect(refused).toBeGreaterThan(ROUNDS / 20);
  });

  it("a type section of the WIT parser", async () => {
    const { accepted, refused } = survey(await encodeWorld(WIT), (bytes) =>
      printWorld(decodeEncodedWorld(bytes)),
    );
    expect(accepted).toBeGreaterThan(ROUNDS / 50);
    expect(refused).toBeGreaterThan(ROUNDS / 20);
  });
});
