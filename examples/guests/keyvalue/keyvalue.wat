;; Works with a key-value store that the host provides.
(module
  ;; (key address, key length, value address, value length, result address)
  (import "keyvalue:store/store@0.1.0" "set" (func $set (param i32 i32 i32 i32 i32)))
  (import "keyvalue:store/store@0.1.0" "get" (func $get (param i32 i32 i32)))
  (import "keyvalue:store/store@0.1.0" "delete" (func $delete (param i32 i32 i32)))
  (import "keyvalue:store/store@0.1.0" "list-keys" (func $list_keys (param i32)))
  (import "keyvalue:store/store@0.1.0" "exists" (func $exists (param i32 i32) (result i32)))
  (import "keyvalue:store/store@0.1.0" "clear" (func $clear))

  (memory (export "memory") 1)

  ;; Results are written at 16; whatever is allocated starts at 64.
  (global $result i32 (i32.const 16))
  (global $next (mut i32) (i32.const 64))

  ;; Nothing is ever freed: an instance lives for one run.
  (func $realloc (export "cabi_realloc")
    (param $old i32) (param $old_size i32) (param $align i32) (param $new_size i32) (result i32)
    (local $address i32)
    ;; address = next, rounded up to the alignment
    (local.set $address
      (i32.and
        (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
    (global.set $next (i32.add (local.get $address) (local.get $new_size)))
    ;; Ask for more memory where this page is used up.
    (if (i32.gt_u (global.get $next) (i32.shl (memory.size) (i32.const 16)))
      (then
        (if (i32.eq
              (memory.grow
                (i32.add (i32.const 1) (i32.shr_u (local.get $new_size) (i32.const 16))))
              (i32.const -1))
          (then unreachable))))
    (memory.copy (local.get $address) (local.get $old) (local.get $old_size))
    (local.get $address))

  ;; A list of strings is an array of pairs (address, length), eight bytes each.
  (func (export "unique") (param $words i32) (param $count i32) (result i32)
    (local $end i32)
    (local $repeated i32)
    (local.set $end (i32.add (local.get $words) (i32.shl (local.get $count) (i32.const 3))))
    (block $done
      (loop $next_word
        (br_if $done (i32.eq (local.get $words) (local.get $end)))
        (call $set
          (i32.load (local.get $words)) (i32.load offset=4 (local.get $words))
          (i32.load (local.get $words)) (i32.load offset=4 (local.get $words))
          (global.get $result))
        ;; The first byte of a result is 0 for ok and 1 for err.
        (local.set $repeated
          (i32.add (local.get $repeated) (i32.load8_u (global.get $result))))
        (local.set $words (i32.add (local.get $words) (i32.const 8)))
        (br $next_word)))
    ;; The tuple: the list's address and length, then the number.
    (call $list_keys (global.get $result))
    (i32.store offset=8 (global.get $result) (local.get $repeated))
    (global.get $result))

  (func (export "set")
    (param $key i32) (param $key_len i32) (param $value i32) (param $value_len i32) (result i32)
    (call $set
      (local.get $key) (local.get $key_len) (local.get $value) (local.get $value_len)
      (global.get $result))
    (global.get $result))

  (func (export "delete") (param $key i32) (param $key_len i32) (result i32)
    (call $delete (local.get $key) (local.get $key_len) (global.get $result))
    (global.get $result))

  (func (export "remember")
    (param $key i32) (param $key_len i32) (param $value i32) (param $value_len i32) (result i32)
    (call $set
      (local.get $key) (local.get $key_len) (local.get $value) (local.get $value_len)
      (global.get $result))
    (call $get (local.get $key) (local.get $key_len) (global.get $result))
    (global.get $result))

  (func (export "forget") (param $key i32) (param $key_len i32) (result i32)
    (call $set
      (local.get $key) (local.get $key_len) (local.get $key) (local.get $key_len)
      (global.get $result))
    (call $delete (local.get $key) (local.get $key_len) (global.get $result))
    (call $exists (local.get $key) (local.get $key_len)))

  (func (export "clear") (param $key i32) (param $key_len i32) (result i32)
    (call $set
      (local.get $key) (local.get $key_len) (local.get $key) (local.get $key_len)
      (global.get $result))
    (call $clear)
    (call $list_keys (global.get $result))
    (global.get $result)))
