/** The library that guests misuse, and its WIT: two resources of one interface, and one of the same name in another. */

export const MISUSE_WIT = `package test:misuse;
interface store {
  resource item {
    constructor(v: u32);
    get: func() -> u32;
    join: func(other: borrow<item>) -> u32;
    merge: static func(a: item, b: item) -> item;
  }
  resource other { constructor(v: u32); get: func() -> u32; }
  record pair { a: item, b: item }
  variant choice { none, one(item), text(string), two(tuple<item, item>) }
  take: func(i: item) -> u32;
  look: func(i: borrow<item>) -> u32;
  take-two: func(a: item, b: item) -> u32;
  take-look: func(a: item, b: borrow<item>) -> u32;
  look-take: func(a: borrow<item>, b: item) -> u32;
  take-other: func(a: item, b: other) -> u32;
  take-pair: func(p: pair) -> u32;
  take-list: func(l: list<item>) -> u32;
  look-list: func(l: list<borrow<item>>) -> u32;
  take-pairs: func(l: list<pair>) -> u32;
  take-nested: func(l: list<list<item>>) -> u32;
  take-option: func(o: option<item>) -> u32;
  take-result: func(r: result<item, other>) -> u32;
  take-choice: func(c: choice) -> u32;
  take-choices: func(l: list<choice>) -> u32;
  take-spilled: func(a: u64, b: tuple<u32, u32, u32, u32, u32, u32, u32, u32>,
    c: tuple<u32, u32, u32, u32, u32, u32, u32>, i: item, j: borrow<item>) -> u32;
  words: func(i: borrow<item>) -> list<string>;
}
interface elsewhere {
  resource item { constructor(v: u32); }
  take: func(i: item) -> u32;
  look: func(i: borrow<item>) -> u32;
}
`;

export const MISUSE_C = `enum { ITEM = 1, OTHER, FOREIGN };
#define store(name) test_misuse_store_##name
typedef struct { int32_t a, b; } pair;
typedef struct { int32_t *ptr; size_t len; } items;
typedef struct { pair *ptr; size_t len; } pairs;
typedef struct { items *ptr; size_t len; } nested;
typedef struct { uint8_t tag; union { int32_t one; string_t text; pair two; } val; } choice;
typedef struct { choice *ptr; size_t len; } choices;
typedef struct { bool is_err; union { int32_t ok, err; } val; } outcome;
typedef struct { uint32_t words[8]; } eight;
typedef struct { uint32_t words[7]; } seven;
static uint32_t took(int32_t rep) { return rep_consume(ITEM, rep); }
static uint32_t looked(int32_t rep) { return rep_value(ITEM, rep); }
static uint32_t took_all(items *l) { uint32_t n = 0; for (size_t i = 0; i < l->len; i++) n += took(l->ptr[i]); return n; }

int32_t store(constructor_item)(uint32_t v) { return rep_make(ITEM, v); }
uint32_t store(method_item_get)(int32_t self) { CALL; return looked(self); }
uint32_t store(method_item_join)(int32_t self, int32_t other) { CALL; return looked(self) + looked(other); }
int32_t store(static_item_merge)(int32_t a, int32_t b) { CALL; return rep_make(ITEM, took(a) + took(b)); }
void store(item_drop_own)(int32_t rep) { rep_drop(ITEM, rep); }
int32_t store(constructor_other)(uint32_t v) { return rep_make(OTHER, v); }
uint32_t store(method_other_get)(int32_t self) { CALL; return rep_value(OTHER, self); }
void store(other_drop_own)(int32_t rep) { rep_drop(OTHER, rep); }
uint32_t store(take)(int32_t i) { CALL; return took(i); }
uint32_t store(look)(int32_t i) { CALL; return looked(i); }
uint32_t store(take_two)(int32_t a, int32_t b) { CALL; return took(a) + took(b); }
uint32_t store(take_look)(int32_t a, int32_t b) { CALL; return took(a) + looked(b); }
uint32_t store(look_take)(int32_t a, int32_t b) { CALL; return looked(a) + took(b); }
uint32_t store(take_other)(int32_t a, int32_t b) { CALL; return took(a) + rep_consume(OTHER, b); }
uint32_t store(take_pair)(pair *p) { CALL; return took(p->a) + took(p->b); }
uint32_t store(take_list)(items *l) { CALL; return took_all(l); }
uint32_t store(look_list)(items *l) { CALL; uint32_t n = 0; for (size_t i = 0; i < l->len; i++) n += looked(l->ptr[i]); return n; }
uint32_t store(take_pairs)(pairs *l) { CALL; uint32_t n = 0; for (size_t i = 0; i < l->len; i++) n += took(l->ptr[i].a) + took(l->ptr[i].b); return n; }
uint32_t store(take_nested)(nested *l) { CALL; uint32_t n = 0; for (size_t i = 0; i < l->len; i++) n += took_all(&l->ptr[i]); return n; }
uint32_t store(take_option)(int32_t *maybe_o) { CALL; return maybe_o ? took(*maybe_o) : 0; }
uint32_t store(take_result)(outcome *r) { CALL; return r->is_err ? rep_consume(OTHER, r->val.err) : took(r->val.ok); }
static uint32_t chosen(choice *c) { return c->tag == 1 ? took(c->val.one) : c->tag == 3 ? took(c->val.two.a) + took(c->val.two.b) : 0; }
uint32_t store(take_choice)(choice *c) { CALL; return chosen(c); }
uint32_t store(take_choices)(choices *l) { CALL; uint32_t n = 0; for (size_t i = 0; i < l->len; i++) n += chosen(&l->ptr[i]); return n; }
uint32_t store(take_spilled)(uint64_t a, eight *b, seven *c, int32_t i, int32_t j) { CALL; (void)a; (void)b; (void)c; return took(i) + looked(j); }
void store(words)(int32_t i, struct { string_t *ptr; size_t len; } *ret) {
  CALL;
  looked(i);
  ret->len = 2;
  ret->ptr = malloc(2 * sizeof(string_t));
  for (int word = 0; word < 2; word++) give_text(&ret->ptr[word], "some", " words");
}
int32_t test_misuse_elsewhere_constructor_item(uint32_t v) { return rep_make(FOREIGN, v); }
uint32_t test_misuse_elsewhere_take(int32_t i) { CALL; return rep_consume(FOREIGN, i); }
uint32_t test_misuse_elsewhere_look(int32_t i) { CALL; return rep_value(FOREIGN, i); }
void test_misuse_elsewhere_item_drop_own(int32_t rep) { rep_drop(FOREIGN, rep); }
`;
