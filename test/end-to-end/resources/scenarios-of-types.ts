/** Scenarios: handles inside other types, and one resource under several names. */
import { RUN, RUN_WAT } from "./guest.ts";
import type { Scenario } from "./scenario.ts";

/** `own` and `borrow` in every compound type, in one call whose arguments go through memory. */
export const aggregates: Scenario = {
  name: "resource_aggregates",
  wit: `package scenario:aggregates;
    interface to-test {
      resource thing { constructor(v: u32); value: func() -> u32; }
      record r1 { thing: thing }
      record r2 { thing: borrow<thing> }
      record r3 { thing1: borrow<thing>, thing2: thing }
      type t1 = tuple<thing, r1>;
      type t2 = tuple<borrow<thing>>;
      variant v1 { none, thing(thing) }
      variant v2 { thing(borrow<thing>), none }
      type l1 = list<thing>;
      type l2 = list<borrow<thing>>;
      foo: func(r1: r1, r2: r2, r3: r3, t1: t1, t2: t2, v1: v1, v2: v2, l1: l1, l2: l2, o1: option<thing>,
        o2: option<borrow<thing>>, result1: result<thing>, result2: result<borrow<thing>>) -> u32;
    }
    world guest { import to-test; ${RUN} }`,
  c: `enum { THING = 1 };
    typedef struct { int32_t thing; } one;
    typedef struct { int32_t thing1, thing2; } two;
    typedef struct { int32_t f0; one f1; } t1;
    typedef struct { uint8_t tag; union { int32_t thing; } val; } variant;
    typedef struct { int32_t *ptr; size_t len; } handles;
    typedef struct { bool is_err; union { int32_t ok; } val; } outcome;
    int32_t scenario_aggregates_to_test_constructor_thing(uint32_t v) { return rep_make(THING, v + 1); }
    uint32_t scenario_aggregates_to_test_method_thing_value(int32_t self) { return rep_value(THING, self); }
    void scenario_aggregates_to_test_thing_drop_own(int32_t rep) { rep_drop(THING, rep); }
    uint32_t scenario_aggregates_to_test_foo(one *r1, one *r2, two *r3, t1 *t, one *t2, variant *v1, variant *v2,
        handles *l1, handles *l2, int32_t *maybe_o1, int32_t *maybe_o2, outcome *result1, outcome *result2) {
      uint32_t sum = 3 + rep_consume(THING, r1->thing) + rep_value(THING, r2->thing) + rep_value(THING, r3->thing1)
        + rep_consume(THING, r3->thing2) + rep_consume(THING, t->f0) + rep_consume(THING, t->f1.thing)
        + rep_value(THING, t2->thing);
      if (v1->tag == 1) sum += rep_consume(THING, v1->val.thing);
      if (v2->tag == 0) sum += rep_value(THING, v2->val.thing);
      for (size_t i = 0; i < l1->len; i++) sum += rep_consume(THING, l1->ptr[i]);
      for (size_t i = 0; i < l2->len; i++) sum += rep_value(THING, l2->ptr[i]);
      if (maybe_o1) sum += rep_consume(THING, *maybe_o1);
      if (maybe_o2) sum += rep_value(THING, *maybe_o2);
      if (!result1->is_err) sum += rep_consume(THING, result1->val.ok);
      if (!result2->is_err) sum += rep_value(THING, result2->val.ok);
      return sum;
    }`,
  wat: `
    (global $count (mut i32) (i32.const 0))
    ;; Makes the next thing and leaves its handle in the arguments at 512.
    (func $put (param $offset i32)
      (i32.store (i32.add (i32.const 512) (local.get $offset)) (call $to-test.thing.new (global.get $count)))
      (global.set $count (i32.add (global.get $count) (i32.const 1))))
    (func $tag (param $offset i32) (param $tag i32)
      (i32.store8 (i32.add (i32.const 512) (local.get $offset)) (local.get $tag)))
    (func $peek (param $offset i32)
      (call $note (call $to-test.thing.value (i32.load (i32.add (i32.const 512) (local.get $offset))))))
    (func $plain
      (call $put (i32.const 0)) (call $put (i32.const 4)) (call $put (i32.const 8)) (call $put (i32.const 12))
      (call $put (i32.const 16)) (call $put (i32.const 20)) (call $put (i32.const 24)))
    (func $main
      (call $plain)
      (call $tag (i32.const 28) (i32.const 1)) (call $put (i32.const 32))
      (call $tag (i32.const 36) (i32.const 0)) (call $put (i32.const 40))
      ;; Two lists of two, at 640 and 648.
      (i32.store (i32.const 556) (i32.const 640)) (i32.store (i32.const 560) (i32.const 2))
      (i32.store (i32.const 564) (i32.const 648)) (i32.store (i32.const 568) (i32.const 2))
      (call $put (i32.const 128)) (call $put (i32.const 132)) (call $put (i32.const 136)) (call $put (i32.const 140))
      (call $tag (i32.const 60) (i32.const 1)) (call $put (i32.const 64))
      (call $tag (i32.const 68) (i32.const 1)) (call $put (i32.const 72))
      (call $tag (i32.const 76) (i32.const 0)) (call $put (i32.const 80))
      (call $tag (i32.const 84) (i32.const 0)) (call $put (i32.const 88))
      (call $note (call $to-test.foo (i32.const 512)))
      ;; What was lent is still here.
      (call $peek (i32.const 4)) (call $peek (i32.const 8)) (call $peek (i32.const 24)) (call $peek (i32.const 40))
      (call $peek (i32.const 136)) (call $peek (i32.const 140)) (call $peek (i32.const 72)) (call $peek (i32.const 88))
      ;; Once more with nothing wherever nothing is possible; absent payloads hold no handle.
      (memory.fill (i32.const 512) (i32.const 0xee) (i32.const 128))
      (call $plain)
      (call $tag (i32.const 28) (i32.const 0))
      (call $tag (i32.const 36) (i32.const 1))
      (i32.store (i32.const 556) (i32.const 640)) (i32.store (i32.const 560) (i32.const 0))
      (i32.store (i32.const 564) (i32.const 640)) (i32.store (i32.const 568) (i32.const 0))
      (call $tag (i32.const 60) (i32.const 0))
      (call $tag (i32.const 68) (i32.const 0))
      (call $tag (i32.const 76) (i32.const 1))
      (call $tag (i32.const 84) (i32.const 1))
      (call $note (call $to-test.foo (i32.const 512))))
    ${RUN_WAT}`,
  // Things 0 to 16 hold one more than their number, then 17 to 23 likewise; and 3.
  numbers: [(17 * 16) / 2 + 17 + 3, 2, 3, 7, 9, 12, 13, 15, 17, 7 * 20 + 7 + 3],
  texts: [],
  made: 24,
  consumed: 9 + 4,
};

/** A resource under another name in another interface: one type, two names. */
export const alias: Scenario = {
  name: "resource_alias",
  wit: `package scenario:alias;
    interface e1 {
      resource x { constructor(v: u32); value: func() -> u32; }
      record foo { x: x }
      a: func(f: foo) -> list<x>;
    }
    interface e2 {
      use e1.{x as y, foo as bar};
      record foo { x: y }
      a: func(f: foo, g: bar, h: borrow<y>) -> list<y>;
    }
    world guest { import e1; import e2; ${RUN} }`,
  c: `enum { X = 1 };
    typedef struct { int32_t x; } foo;
    typedef struct { int32_t *ptr; size_t len; } handles;
    int32_t scenario_alias_e1_constructor_x(uint32_t v) { return rep_make(X, v); }
    uint32_t scenario_alias_e1_method_x_value(int32_t self) { return rep_value(X, self); }
    void scenario_alias_e1_x_drop_own(int32_t rep) { rep_drop(X, rep); }
    void scenario_alias_e1_a(foo *f, handles *ret) {
      ret->len = 1;
      ret->ptr = malloc(sizeof(int32_t));
      ret->ptr[0] = f->x;
    }
    void scenario_alias_e2_a(foo *f, foo *g, int32_t h, handles *ret) {
      rep_find(X, f->x)->value += rep_value(X, h);
      ret->len = 2;
      ret->ptr = malloc(2 * sizeof(int32_t));
      ret->ptr[0] = f->x;
      ret->ptr[1] = g->x;
    }`,
  wat: `
    (func $noteEach (local $at i32) (local $left i32)
      (local.set $at (i32.load (i32.const 16)))
      (local.set $left (i32.load (i32.const 20)))
      (block $done (loop $again
        (br_if $done (i32.eqz (local.get $left)))
        (call $note (call $e1.x.value (i32.load (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br $again))))
    (func $main
      (call $e1.a (call $e1.x.new (i32.const 42)) (i32.const 16))
      (call $noteEach)
      (call $e2.a (call $e1.x.new (i32.const 7)) (call $e1.x.new (i32.const 8)) (call $e1.x.new (i32.const 100)) (i32.const 16))
      (call $noteEach)
      (call $e1.x.drop (i32.load (i32.load (i32.const 16)))))
    ${RUN_WAT}`,
  numbers: [42, 107, 8],
  texts: [],
  made: 4,
  consumed: 0,
};

/** The same through an inline interface of the world, with texts. */
export const aliasRedux: Scenario = {
  name: "resource_alias_redux",
  wit: `package scenario:redux;
    interface alias1 {
      resource thing { constructor(s: string); get: func() -> string; }
      record foo { thing: thing }
      a: func(f: foo) -> list<thing>;
    }
    interface alias2 {
      use alias1.{thing, foo as bar};
      record foo { thing: thing }
      b: func(f: foo, g: bar) -> list<thing>;
    }
    world guest {
      import alias1;
      import alias2;
      import the-test: interface { use alias1.{thing}; test: func(things: list<thing>) -> list<thing>; }
      ${RUN}
    }`,
  c: `enum { THING = 1 };
    typedef struct { int32_t *ptr; size_t len; } handles;
    static void give(const int32_t *from, size_t len, handles *ret) {
      ret->len = len;
      ret->ptr = malloc(len * sizeof(int32_t));
      memcpy(ret->ptr, from, len * sizeof(int32_t));
    }
    int32_t scenario_redux_alias1_constructor_thing(string_t *s) { return rep_make_text(THING, s->ptr, s->len, " made"); }
    void scenario_redux_alias1_method_thing_get(int32_t self, string_t *ret) {
      give_text(ret, rep_find(THING, self)->text, " got");
    }
    void scenario_redux_alias1_thing_drop_own(int32_t rep) { rep_drop(THING, rep); }
    void scenario_redux_alias1_a(int32_t *f, handles *ret) { give(f, 1, ret); }
    void scenario_redux_alias2_b(int32_t *f, int32_t *g, handles *ret) {
      int32_t both[2] = { *f, *g };
      give(both, 2, ret);
    }
    void the_test_test(handles *things, handles *ret) { give(things->ptr, things->len, ret); }`,
  wat: `
    (data (i32.const 1024) "Ni Hao")
    (data (i32.const 1032) "Ciao")
    (data (i32.const 1040) "Aloha")
    (func $hello (result i32) (call $alias1.thing.new (i32.const 1024) (i32.const 6)))
    (func $noteEach (local $at i32) (local $left i32)
      (local.set $at (i32.load (i32.const 16)))
      (local.set $left (i32.load (i32.const 20)))
      (block $done (loop $again
        (br_if $done (i32.eqz (local.get $left)))
        (call $alias1.thing.get (i32.load (local.get $at)) (i32.const 24))
        (call $note.text.at (i32.const 24))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br $again))))
    (func $main
      (i32.store (i32.const 64) (call $hello))
      (call $the-test.test (i32.const 64) (i32.const 1) (i32.const 16))
      (call $noteEach)
      (call $alias1.a (call $alias1.thing.new (i32.const 1032) (i32.const 4)) (i32.const 16))
      (call $noteEach)
      (call $alias2.b (call $hello) (call $alias1.thing.new (i32.const 1040) (i32.const 5)) (i32.const 16))
      (call $noteEach))
    ${RUN_WAT}`,
  numbers: [],
  texts: ["Ni Hao made got", "Ciao made got", "Ni Hao made got", "Aloha made got"],
  made: 4,
  consumed: 0,
};

/** A resource and a function of the world that takes and gives it; a static that ends two and makes one. */
export const importAndExport: Scenario = {
  name: "resource-import-and-export",
  wit: `package scenario:both;
    interface test {
      resource thing {
        constructor(v: u32);
        foo: func() -> u32;
        bar: func(v: u32);
        baz: static func(a: thing, b: thing) -> thing;
      }
    }
    world guest {
      import test;
      use test.{thing};
      import toplevel-import: func(a: thing) -> thing;
      ${RUN}
    }`,
  c: `enum { THING = 1 };
    int32_t scenario_both_test_constructor_thing(uint32_t v) { return rep_make(THING, v + 1); }
    uint32_t scenario_both_test_method_thing_foo(int32_t self) { return rep_value(THING, self) + 2; }
    void scenario_both_test_method_thing_bar(int32_t self, uint32_t v) { rep_find(THING, self)->value = v + 3; }
    int32_t scenario_both_test_static_thing_baz(int32_t a, int32_t b) {
      uint32_t sum = rep_consume(THING, a) + rep_consume(THING, b);
      return rep_make(THING, sum + 4);
    }
    void scenario_both_test_thing_drop_own(int32_t rep) { rep_drop(THING, rep); }
    int32_t guest_toplevel_import(int32_t a) { rep_find(THING, a)->value += 1000; return a; }`,
  wat: `
    (func $main (local $one i32)
      (local.set $one (call $test.thing.new (i32.const 42)))
      (call $note (call $test.thing.foo (local.get $one)))
      (call $test.thing.bar (local.get $one) (i32.const 33))
      (call $note (call $test.thing.foo (local.get $one)))
      (local.set $one (call $test.thing.baz (local.get $one) (call $test.thing.new (i32.const 81))))
      (call $note (call $test.thing.foo (local.get $one)))
      (call $note (call $test.thing.foo (call $toplevel-import (local.get $one)))))
    ${RUN_WAT}`,
  numbers: [45, 38, 36 + 82 + 4 + 2, 1124],
  texts: [],
  made: 3,
  consumed: 2,
};
