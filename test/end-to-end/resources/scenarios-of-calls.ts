/** Scenarios: methods, statics, lends, texts and bytes. */
import { RUN, RUN_WAT } from "./guest.ts";
import type { Scenario } from "./scenario.ts";

/** Several resources in one interface whose plain name is a prefix of symbols; methods, statics, own and borrow. */
export const resources: Scenario = {
  name: "resources",
  wit: `package scenario:resources;
    world guest {
      import exports: interface {
        resource x { constructor(a: s32); get-a: func() -> s32; set-a: func(a: s32); add: static func(x: x, a: s32) -> x; }
        resource z { constructor(a: s32); get-a: func() -> s32; num-dropped: static func() -> u32; }
        add: func(a: borrow<z>, b: borrow<z>) -> own<z>;
        consume: func(x: x);
        resource kebab-case { constructor(a: u32); get-a: func() -> u32; take-owned: static func(k: own<kebab-case>) -> u32; }
        test-imports: func() -> result<_, string>;
      }
      ${RUN}
    }`,
  c: `enum { X = 1, Z, KEBAB };
    static uint32_t z_dropped;
    int32_t exports_constructor_x(int32_t a) { return rep_make(X, (uint32_t)a); }
    int32_t exports_method_x_get_a(int32_t self) { return (int32_t)rep_value(X, self); }
    void exports_method_x_set_a(int32_t self, int32_t a) { rep_find(X, self)->value = (uint32_t)a; }
    int32_t exports_static_x_add(int32_t x, int32_t a) { return rep_make(X, rep_consume(X, x) + (uint32_t)a); }
    void exports_x_drop_own(int32_t rep) { rep_drop(X, rep); }
    int32_t exports_constructor_z(int32_t a) { return rep_make(Z, (uint32_t)a); }
    int32_t exports_method_z_get_a(int32_t self) { return (int32_t)rep_value(Z, self); }
    uint32_t exports_static_z_num_dropped(void) { return z_dropped; }
    void exports_z_drop_own(int32_t rep) { z_dropped++; rep_drop(Z, rep); }
    int32_t exports_add(int32_t a, int32_t b) { return rep_make(Z, rep_value(Z, a) + rep_value(Z, b)); }
    void exports_consume(int32_t x) { rep_consume(X, x); }
    int32_t exports_constructor_kebab_case(uint32_t a) { return rep_make(KEBAB, a); }
    uint32_t exports_method_kebab_case_get_a(int32_t self) { return rep_value(KEBAB, self); }
    uint32_t exports_static_kebab_case_take_owned(int32_t k) { return rep_consume(KEBAB, k); }
    void exports_kebab_case_drop_own(int32_t rep) { rep_drop(KEBAB, rep); }
    bool exports_test_imports(string_t *err) { give_text(err, "nothing to test", ""); return false; }`,
  wat: `
    (func $main (local $x i32) (local $z1 i32) (local $z2 i32) (local $k i32) (local $dropped i32)
      (local.set $x (call $exports.x.new (i32.const 5)))
      (call $note (call $exports.x.get-a (local.get $x)))
      (call $exports.x.set-a (local.get $x) (i32.const 10))
      (call $note (call $exports.x.get-a (local.get $x)))
      (local.set $z1 (call $exports.z.new (i32.const -10)))
      (local.set $z2 (call $exports.z.new (i32.const 20)))
      (call $note (call $exports.z.get-a (local.get $z1)))
      (call $note (call $exports.z.get-a (local.get $z2)))
      (local.set $x (call $exports.x.add (local.get $x) (i32.const 5)))
      (call $note (call $exports.x.get-a (local.get $x)))
      ;; The sum is left to the end.
      (call $note (call $exports.z.get-a (call $exports.add (local.get $z1) (local.get $z2))))
      (local.set $dropped (call $exports.z.num-dropped))
      (call $exports.z.drop (local.get $z1))
      (call $exports.z.drop (local.get $z2))
      (call $note (i32.sub (call $exports.z.num-dropped) (local.get $dropped)))
      (call $exports.consume (local.get $x))
      (local.set $k (call $exports.kebab-case.new (i32.const 7)))
      (call $note (call $exports.kebab-case.get-a (local.get $k)))
      (call $note (call $exports.kebab-case.take-owned (local.get $k)))
      ;; result<_, string>: the text lies behind the discriminant.
      (call $exports.test-imports (i32.const 16))
      (call $note (i32.load8_u (i32.const 16)))
      (call $note.text.at (i32.const 20)))
    ${RUN_WAT}`,
  numbers: [5, 10, -10, 20, 15, 10, 2, 7, 7, 1],
  texts: ["nothing to test"],
  made: 6,
  consumed: 3,
};

/** Lends of one handle, one after the other and twice in one call. */
export const borrow: Scenario = {
  name: "resource_borrow",
  wit: `package scenario:borrowing;
    interface to-test {
      resource thing { constructor(v: u32); }
      foo: func(v: borrow<thing>) -> u32;
      both: func(a: borrow<thing>, b: borrow<thing>) -> u32;
    }
    world guest { import to-test; ${RUN} }`,
  c: `enum { THING = 1 };
    int32_t scenario_borrowing_to_test_constructor_thing(uint32_t v) { return rep_make(THING, v + 1); }
    void scenario_borrowing_to_test_thing_drop_own(int32_t rep) { rep_drop(THING, rep); }
    uint32_t scenario_borrowing_to_test_foo(int32_t v) { return rep_value(THING, v) + 2; }
    uint32_t scenario_borrowing_to_test_both(int32_t a, int32_t b) { return rep_value(THING, a) * 1000 + rep_value(THING, b); }`,
  wat: `
    (func $main (local $thing i32)
      (local.set $thing (call $to-test.thing.new (i32.const 42)))
      (call $note (call $to-test.foo (local.get $thing)))
      (call $note (call $to-test.foo (local.get $thing)))
      (call $note (call $to-test.both (local.get $thing) (local.get $thing)))
      (call $to-test.thing.drop (local.get $thing)))
    ${RUN_WAT}`,
  numbers: [45, 45, 43_043],
  texts: [],
  made: 1,
  consumed: 0,
};

/** A list of records that hold borrows. */
export const borrowInRecord: Scenario = {
  name: "resource_borrow_in_record",
  wit: `package scenario:lending;
    interface to-test {
      resource thing { constructor(s: string); get: func() -> string; }
      record foo { thing: borrow<thing> }
      test: func(a: list<foo>) -> list<thing>;
    }
    world guest { import to-test; ${RUN} }`,
  c: `enum { THING = 1 };
    typedef struct { int32_t thing; } foo;
    typedef struct { foo *ptr; size_t len; } foos;
    typedef struct { int32_t *ptr; size_t len; } handles;
    int32_t scenario_lending_to_test_constructor_thing(string_t *s) { return rep_make_text(THING, s->ptr, s->len, " new"); }
    void scenario_lending_to_test_method_thing_get(int32_t self, string_t *ret) {
      give_text(ret, rep_find(THING, self)->text, " get");
    }
    void scenario_lending_to_test_thing_drop_own(int32_t rep) { rep_drop(THING, rep); }
    void scenario_lending_to_test_test(foos *a, handles *ret) {
      ret->len = a->len;
      ret->ptr = malloc(a->len * sizeof(int32_t));
      for (size_t i = 0; i < a->len; i++) {
        const char *text = rep_find(THING, a->ptr[i].thing)->text;
        ret->ptr[i] = rep_make_text(THING, (const uint8_t *)text, strlen(text), " test");
      }
    }`,
  wat: `
    (data (i32.const 1024) "Bonjour")
    (data (i32.const 1032) "mon cher")
    (func $noteText (param $thing i32)
      (call $to-test.thing.get (local.get $thing) (i32.const 24))
      (call $note.text.at (i32.const 24)))
    (func $main (local $made i32)
      (i32.store (i32.const 64) (call $to-test.thing.new (i32.const 1024) (i32.const 7)))
      (i32.store (i32.const 68) (call $to-test.thing.new (i32.const 1032) (i32.const 8)))
      (call $to-test.test (i32.const 64) (i32.const 2) (i32.const 16))
      (local.set $made (i32.load (i32.const 16)))
      (call $noteText (i32.load (local.get $made)))
      (call $noteText (i32.load offset=4 (local.get $made)))
      (call $noteText (i32.load (i32.const 64)))
      (call $to-test.thing.drop (i32.load (local.get $made))))
    ${RUN_WAT}`,
  numbers: [],
  texts: ["Bonjour new test get", "mon cher new test get", "Bonjour new get"],
  made: 4,
  consumed: 0,
};

/** Two resources of one name, and a function of the world that takes one of them. */
export const floats: Scenario = {
  name: "resource_floats",
  wit: `package scenario:floats;
    interface test { resource float { constructor(v: f64); get: func() -> f64; } }
    world guest {
      use test.{float};
      import imports: interface {
        resource float { constructor(v: f64); get: func() -> f64; add: static func(a: float, b: f64) -> float; }
      }
      import add: func(a: borrow<float>, b: borrow<float>) -> own<float>;
      ${RUN}
    }`,
  c: `enum { FLOAT = 1, OTHER };
    static int32_t make(uint32_t resource, double v) {
      int32_t rep = rep_make(resource, 0);
      rep_find(resource, rep)->real = v;
      return rep;
    }
    int32_t scenario_floats_test_constructor_float(double v) { return make(FLOAT, v); }
    double scenario_floats_test_method_float_get(int32_t self) { return rep_find(FLOAT, self)->real; }
    void scenario_floats_test_float_drop_own(int32_t rep) { rep_drop(FLOAT, rep); }
    int32_t imports_constructor_float(double v) { return make(OTHER, v + 0.5); }
    double imports_method_float_get(int32_t self) { return rep_find(OTHER, self)->real; }
    int32_t imports_static_float_add(int32_t a, double b) {
      double sum = rep_find(OTHER, a)->real + b;
      rep_consume(OTHER, a);
      return make(OTHER, sum);
    }
    void imports_float_drop_own(int32_t rep) { rep_drop(OTHER, rep); }
    int32_t guest_add(int32_t a, int32_t b) { return make(FLOAT, rep_find(FLOAT, a)->real + rep_find(FLOAT, b)->real); }`,
  wat: `
    (func $main (local $float i32)
      (call $note.f64 (call $test.float.get (call $add
        (call $test.float.new (f64.const 42)) (call $test.float.new (f64.const -55.25)))))
      (local.set $float (call $imports.float.new (f64.const 22)))
      (call $note.f64 (call $imports.float.get (local.get $float)))
      (call $note.f64 (call $imports.float.get (call $imports.float.add (local.get $float) (f64.const 7)))))
    ${RUN_WAT}`,
  numbers: [-13.25, 22.5, 29.5],
  texts: [],
  made: 5,
  consumed: 1,
};

/** Bytes in and out of constructor, method and static. */
export const withLists: Scenario = {
  name: "resource_with_lists",
  wit: `package scenario:lists;
    interface test {
      resource thing {
        constructor(l: list<u8>);
        foo: func() -> list<u8>;
        bar: func(l: list<u8>);
        baz: static func(l: list<u8>) -> list<u8>;
      }
    }
    world guest { import test; ${RUN} }`,
  c: `enum { THING = 1 };
    int32_t scenario_lists_test_constructor_thing(string_t *l) { return rep_make_text(THING, l->ptr, l->len, " made"); }
    void scenario_lists_test_method_thing_foo(int32_t self, string_t *ret) {
      give_text(ret, rep_find(THING, self)->text, " foo");
    }
    void scenario_lists_test_method_thing_bar(int32_t self, string_t *l) {
      rep_entry *entry = rep_find(THING, self);
      snprintf(entry->text, sizeof entry->text, "%.*s bar", (int)l->len, (const char *)l->ptr);
    }
    void scenario_lists_test_static_thing_baz(string_t *l, string_t *ret) {
      char text[96];
      snprintf(text, sizeof text, "%.*s", (int)l->len, (const char *)l->ptr);
      give_text(ret, text, " baz");
    }
    void scenario_lists_test_thing_drop_own(int32_t rep) { rep_drop(THING, rep); }`,
  wat: `
    (data (i32.const 1024) "HiHolaOhayo Gozaimas")
    (func $main (local $thing i32)
      (local.set $thing (call $test.thing.new (i32.const 1024) (i32.const 2)))
      (call $test.thing.foo (local.get $thing) (i32.const 16))
      (call $note.text.at (i32.const 16))
      (call $test.thing.bar (local.get $thing) (i32.const 1026) (i32.const 4))
      (call $test.thing.foo (local.get $thing) (i32.const 16))
      (call $note.text.at (i32.const 16))
      (call $test.thing.baz (i32.const 1030) (i32.const 14) (i32.const 16))
      (call $note.text.at (i32.const 16)))
    ${RUN_WAT}`,
  numbers: [],
  texts: ["Hi made foo", "Hola bar foo", "Ohayo Gozaimas baz"],
  made: 1,
  consumed: 0,
};
