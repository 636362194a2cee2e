/** A library whose results hold fresh reps beside what may be wrong, and its WIT. */

export const ENDINGS_WIT = `package test:endings;
interface store {
  resource item { constructor(v: u32); }
  /// The library has no function that ends it.
  resource silent { constructor(); }
  enum mood { calm, bright }
  variant wrapped { none, one(item), many(list<item>) }
  record parcel { a: item, name: string, rest: list<item>, letter: char, last: item }
  take: func(i: item);
  echo: func(i: item) -> item;
  swap: func(a: borrow<item>, b: item, c: item) -> item;
  /// Fails before it is called where the text is none.
  send: func(a: item, text: string, b: item);
  items: func(count: u32) -> list<item>;
  /// Flaw 0: none. 1: name is no UTF-8. 2: letter is no char. 3: both.
  give-parcel: func(flaw: u32) -> parcel;
  /// Flaw 1: a mood that there is not.
  give-mood: func(flaw: u32) -> tuple<item, mood>;
  /// Flaw 1: the third of five has a case that there is not.
  give-wrapped: func(flaw: u32) -> list<wrapped>;
  /// Flaw 1: an error that is no UTF-8.
  give-outcome: func(flaw: u32) -> result<item, tuple<item, string>>;
  give-option: func() -> option<item>;
  /// An item, and a list of more bytes than a guest can hold.
  give-huge: func() -> tuple<item, list<u8>>;
  give-letter: func(flaw: u32) -> option<tuple<char, item>>;
}
`;

export const ENDINGS_C = `enum { ITEM = 1, SILENT };
#define store(name) test_endings_store_##name
typedef struct { int32_t *ptr; size_t len; } items;
typedef struct { uint8_t tag; union { int32_t one; items many; } val; } wrapped;
typedef struct { int32_t a; string_t name; items rest; uint32_t letter; int32_t last; } parcel;
typedef struct { int32_t f0; string_t f1; } failure;
static int32_t fresh(void) { return rep_make(ITEM, 0); }
static items several(uint32_t count) {
  items made = { malloc(count * sizeof(int32_t)), count };
  for (uint32_t i = 0; i < count; i++) made.ptr[i] = fresh();
  return made;
}
int32_t store(constructor_item)(uint32_t v) { return rep_make(ITEM, v); }
void store(item_drop_own)(int32_t rep) { rep_drop(ITEM, rep); }
int32_t store(constructor_silent)(void) { return rep_make(SILENT, 0); }
void store(take)(int32_t i) { CALL; rep_consume(ITEM, i); }
int32_t store(echo)(int32_t i) { CALL; rep_value(ITEM, i); return i; }
int32_t store(swap)(int32_t a, int32_t b, int32_t c) { CALL; rep_value(ITEM, a); rep_consume(ITEM, c); return b; }
void store(send)(int32_t a, string_t *text, int32_t b) { CALL; (void)text; rep_consume(ITEM, a); rep_consume(ITEM, b); }
void store(items)(uint32_t count, items *ret) { CALL; *ret = several(count); }
void store(give_parcel)(uint32_t flaw, parcel *ret) {
  CALL;
  ret->a = fresh();
  give_text(&ret->name, "a name", "");
  if (flaw & 1) ret->name.ptr[1] = 0xff;
  ret->rest = several(3);
  ret->letter = flaw & 2 ? 0xd800 : 'x';
  ret->last = fresh();
}
void store(give_mood)(uint32_t flaw, struct { int32_t f0; uint8_t f1; } *ret) { CALL; ret->f0 = fresh(); ret->f1 = flaw ? 2 : 1; }
void store(give_wrapped)(uint32_t flaw, struct { wrapped *ptr; size_t len; } *ret) {
  CALL;
  ret->len = 5;
  ret->ptr = malloc(5 * sizeof(wrapped));
  for (int i = 0; i < 5; i++) {
    ret->ptr[i].tag = i % 2 ? 2 : 1;
    if (i == 2) ret->ptr[i].tag = flaw ? 3 : 0;
    else if (i % 2) ret->ptr[i].val.many = several(2);
    else ret->ptr[i].val.one = fresh();
  }
}
bool store(give_outcome)(uint32_t flaw, int32_t *ret, failure *err) {
  CALL;
  if (!flaw) { *ret = fresh(); return true; }
  err->f0 = fresh();
  give_text(&err->f1, "bad", "");
  err->f1.ptr[0] = 0xff;
  return false;
}
bool store(give_option)(int32_t *ret) { CALL; *ret = fresh(); return true; }
void store(give_huge)(struct { int32_t f0; string_t f1; } *ret) {
  CALL;
  ret->f0 = fresh();
  ret->f1.ptr = malloc(1);
  ret->f1.len = (size_t)1 << 32;
}
bool store(give_letter)(uint32_t flaw, struct { uint32_t f0; int32_t f1; } *ret) {
  CALL;
  ret->f0 = flaw ? 0x110000 : 'y';
  ret->f1 = fresh();
  return true;
}
`;
