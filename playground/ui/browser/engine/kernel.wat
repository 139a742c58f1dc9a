;; One linear layer, y = W x + b, four rows at a time: each number of x is loaded once for four products of four lanes.
;; kernel.wasm is this file through `wasmtime.wat2wasm`; a test holds the two together.
(module
  (import "page" "memory" (memory 1))
  (func (export "linear")
    (param $weight i32)     ;; rows x columns of float32, row by row
    (param $bias i32)       ;; rows
    (param $input i32)      ;; columns
    (param $output i32)     ;; rows
    (param $rows i32)       ;; a multiple of 4, at least 4
    (param $row_bytes i32)  ;; columns x 4, a multiple of 16, at least 16
    (local $end i32) (local $x i32) (local $w1 i32) (local $w2 i32) (local $w3 i32)
    (local $v v128) (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local.set $end (i32.add (local.get $input) (local.get $row_bytes)))
    (loop $four_rows
      (local.set $x (local.get $input))
      (local.set $w1 (i32.add (local.get $weight) (local.get $row_bytes)))
      (local.set $w2 (i32.add (local.get $w1) (local.get $row_bytes)))
      (local.set $w3 (i32.add (local.get $w2) (local.get $row_bytes)))
      (local.set $a (v128.const f32x4 0 0 0 0))
      (local.set $b (v128.const f32x4 0 0 0 0))
      (local.set $c (v128.const f32x4 0 0 0 0))
      (local.set $d (v128.const f32x4 0 0 0 0))
      (loop $four_columns
        (local.set $v (v128.load (local.get $x)))
        (local.set $a (f32x4.add (local.get $a) (f32x4.mul (v128.load (local.get $weight)) (local.get $v))))
        (local.set $b (f32x4.add (local.get $b) (f32x4.mul (v128.load (local.get $w1)) (local.get $v))))
        (local.set $c (f32x4.add (local.get $c) (f32x4.mul (v128.load (local.get $w2)) (local.get $v))))
        (local.set $d (f32x4.add (local.get $d) (f32x4.mul (v128.load (local.get $w3)) (local.get $v))))
        (local.set $weight (i32.add (local.get $weight) (i32.const 16)))
        (local.set $w1 (i32.add (local.get $w1) (i32.const 16)))
        (local.set $w2 (i32.add (local.get $w2) (i32.const 16)))
        (local.set $w3 (i32.add (local.get $w3) (i32.const 16)))
        (br_if $four_columns
          (i32.lt_u (local.tee $x (i32.add (local.get $x) (i32.const 16))) (local.get $end))))
      ;; Transpose the four sums of lanes, so that they add up to four rows at once.
      (local.set $v (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $a) (local.get $b)))
      (local.set $a (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $a) (local.get $b)))
      (local.set $b (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $c) (local.get $d)))
      (local.set $c (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $c) (local.get $d)))
      (v128.store (local.get $output)
        (f32x4.add
          (v128.load (local.get $bias))
          (f32x4.add
            (f32x4.add
              (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $v) (local.get $b))
              (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $v) (local.get $b)))
            (f32x4.add
              (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $a) (local.get $c))
              (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $a) (local.get $c))))))
      (local.set $bias (i32.add (local.get $bias) (i32.const 16)))
      (local.set $output (i32.add (local.get $output) (i32.const 16)))
      (local.set $weight (local.get $w3))  ;; the next four rows begin where the fourth one ended
      (br_if $four_rows (local.tee $rows (i32.sub (local.get $rows) (i32.const 4)))))))
