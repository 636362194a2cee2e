;; A command: greets, then prints its arguments and its environment, one a line. It needs WASI and no host bundle.
(module
  (import "wasi:cli/environment@0.2.0" "get-arguments" (func $get_arguments (param i32)))
  (import "wasi:cli/environment@0.2.0" "get-environment" (func $get_environment (param i32)))
  (import "wasi:cli/stdout@0.2.0" "get-stdout" (func $get_stdout (result i32)))
  ;; (stream, address, length, result address)
  (import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-write-and-flush"
    (func $write (param i32 i32 i32 i32)))
  (import "wasi:io/streams@0.2.0" "[resource-drop]output-stream" (func $drop_stream (param i32)))

  (memory (export "memory") 1)

  (data (i32.const 32) "Hello from a component\0a") ;; 23 bytes
  (data (i32.const 55) "argument ")                 ;;  9
  (data (i32.const 64) "variable ")                 ;;  9
  (data (i32.const 73) "=")
  (data (i32.const 74) "\0a")

  (global $stream (mut i32) (i32.const 0))
  (global $failed (mut i32) (i32.const 0))

  ;; Results are written at 16; whatever is allocated starts at 128.
  (global $result i32 (i32.const 16))
  (global $next (mut i32) (i32.const 128))

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

  ;; Writes up to 4096 bytes, the most that one call takes.
  (func $print (param $text i32) (param $len i32)
    (call $write (global.get $stream) (local.get $text) (local.get $len) (global.get $result))
    ;; The first byte of a result is 0 for ok and 1 for err.
    (global.set $failed
      (i32.or (global.get $failed) (i32.load8_u (global.get $result)))))

  ;; Prints the string whose address and length are at $at.
  (func $print_string (param $at i32)
    (call $print (i32.load (local.get $at)) (i32.load offset=4 (local.get $at))))

  (func $print_arguments
    (local $at i32)
    (local $end i32)
    (call $get_arguments (global.get $result))
    (local.set $at (i32.load (global.get $result)))
    (local.set $end
      (i32.add (local.get $at) (i32.shl (i32.load offset=4 (global.get $result)) (i32.const 3))))
    (block $done
      (loop $next_argument
        (br_if $done (i32.eq (local.get $at) (local.get $end)))
        (call $print (i32.const 55) (i32.const 9))
        (call $print_string (local.get $at))
        (call $print (i32.const 74) (i32.const 1))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (br $next_argument))))

  (func $print_variables
    (local $at i32)
    (local $end i32)
    (call $get_environment (global.get $result))
    (local.set $at (i32.load (global.get $result)))
    (local.set $end
      (i32.add (local.get $at) (i32.shl (i32.load offset=4 (global.get $result)) (i32.const 4))))
    (block $done
      (loop $next_variable
        (br_if $done (i32.eq (local.get $at) (local.get $end)))
        (call $print (i32.const 64) (i32.const 9))
        (call $print_string (local.get $at))
        (call $print (i32.const 73) (i32.const 1))
        (call $print_string (i32.add (local.get $at) (i32.const 8)))
        (call $print (i32.const 74) (i32.const 1))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $next_variable))))

  ;; run: func() -> result
  (func (export "wasi:cli/run@0.2.0#run") (result i32)
    (global.set $stream (call $get_stdout))
    (call $print (i32.const 32) (i32.const 23))
    (call $print_arguments)
    (call $print_variables)
    (call $drop_stream (global.get $stream))
    (global.get $failed)))
