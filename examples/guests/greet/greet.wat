;; Hands its argument to the host's `greet` and gives the answer back.
(module
  ;; greet: func(name: string) -> string, as the Canonical ABI flattens it: the address and length of
  ;; the name, then the address where the host writes the address and length of its answer.
  (import "example:interface/runtime@1.0.0" "greet"
    (func $greet (param $name i32) (param $name_len i32) (param $answer i32)))

  (memory (export "memory") 1)

  ;; The answer's address and length live at 16; whatever is allocated starts at 64.
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

  (func (export "run") (param $name i32) (param $name_len i32) (result i32)
    (call $greet (local.get $name) (local.get $name_len) (i32.const 16))
    (i32.const 16)))
