;; Divides whole numbers. It needs nothing of its host; a divisor of 0 is a trap.
(module
  (func (export "divide") (param $dividend i32) (param $divisor i32) (result i32)
    (i32.div_s (local.get $dividend) (local.get $divisor))))
