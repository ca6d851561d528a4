// The inner loops in AssemblyScript (WebAssembly with SIMD): scripts/build-kernel.ts compiles them
// into kernel.generated.ts; plain.ts computes exactly the same without SIMD. No static data and no
// allocation: every address comes from the caller (layout.ts), and all threads share one memory.

/** [sum of s0, sum of s1, sum of s2, sum of s3] */
// @ts-ignore: decorator
@inline
function sums(s0: v128, s1: v128, s2: v128, s3: v128): v128 {
  const t = i32x4.add(i32x4.shuffle(s0, s1, 0, 4, 1, 5), i32x4.shuffle(s0, s1, 2, 6, 3, 7));
  const u = i32x4.add(i32x4.shuffle(s2, s3, 0, 4, 1, 5), i32x4.shuffle(s2, s3, 2, 6, 3, 7));
  return i32x4.add(i32x4.shuffle(t, u, 0, 1, 4, 5), i32x4.shuffle(t, u, 2, 3, 6, 7));
}

/**
 * int16 dot products of 4 rows with 2 rows: out[0..3] with the first, out[4..7] with the second.
 * `stride` in bytes, a multiple of 32. 4 x 2 keeps all 8 sums and their operands in the 15
 * registers that V8 gives out; larger tiles spill, smaller ones load more. Unit vectors times 32767
 * cannot overflow: by Cauchy-Schwarz every partial sum stays under 2^31.
 */
function tile(a: usize, b: usize, stride: usize, out: usize): void {
  let s00 = i32x4.splat(0);
  let s10 = s00;
  let s20 = s00;
  let s30 = s00;
  let s01 = s00;
  let s11 = s00;
  let s21 = s00;
  let s31 = s00;
  let a1 = a + stride;
  let a2 = a1 + stride;
  let a3 = a2 + stride;
  let b1 = b + stride;
  const end = a1;
  while (a < end) {
    let y0 = v128.load(b);
    let y1 = v128.load(b1);
    let x = v128.load(a);
    s00 = i32x4.add(s00, i32x4.dot_i16x8_s(x, y0));
    s01 = i32x4.add(s01, i32x4.dot_i16x8_s(x, y1));
    x = v128.load(a1);
    s10 = i32x4.add(s10, i32x4.dot_i16x8_s(x, y0));
    s11 = i32x4.add(s11, i32x4.dot_i16x8_s(x, y1));
    x = v128.load(a2);
    s20 = i32x4.add(s20, i32x4.dot_i16x8_s(x, y0));
    s21 = i32x4.add(s21, i32x4.dot_i16x8_s(x, y1));
    x = v128.load(a3);
    s30 = i32x4.add(s30, i32x4.dot_i16x8_s(x, y0));
    s31 = i32x4.add(s31, i32x4.dot_i16x8_s(x, y1));
    y0 = v128.load(b, 16);
    y1 = v128.load(b1, 16);
    x = v128.load(a, 16);
    s00 = i32x4.add(s00, i32x4.dot_i16x8_s(x, y0));
    s01 = i32x4.add(s01, i32x4.dot_i16x8_s(x, y1));
    x = v128.load(a1, 16);
    s10 = i32x4.add(s10, i32x4.dot_i16x8_s(x, y0));
    s11 = i32x4.add(s11, i32x4.dot_i16x8_s(x, y1));
    x = v128.load(a2, 16);
    s20 = i32x4.add(s20, i32x4.dot_i16x8_s(x, y0));
    s21 = i32x4.add(s21, i32x4.dot_i16x8_s(x, y1));
    x = v128.load(a3, 16);
    s30 = i32x4.add(s30, i32x4.dot_i16x8_s(x, y0));
    s31 = i32x4.add(s31, i32x4.dot_i16x8_s(x, y1));
    a += 32;
    a1 += 32;
    a2 += 32;
    a3 += 32;
    b += 32;
    b1 += 32;
  }
  v128.store(out, sums(s00, s10, s20, s30));
  v128.store(out, sums(s01, s11, s21, s31), 16);
}

/** Byte offsets into a histogram of the bins of four scores. */
// @ts-ignore: decorator
@inline
function binsOfFour(scores: v128, bins: i32, scale: f32): v128 {
  const at = f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(scores), f32x4.splat(scale)), f32x4.splat(<f32>bins * 0.5));
  return i32x4.shl(i32x4.min_s(i32x4.max_s(i32x4.trunc_sat_f32x4_s(at), i32x4.splat(0)), i32x4.splat(bins - 1)), 2);
}

// @ts-ignore: decorator
@inline
function count(at: usize): void {
  store<u32>(at, load<u32>(at) + 1);
}

/**
 * Counts four scores at the offsets `at` (rows i..i+3 with row j), each in its kind of histogram.
 */
function countLabelled(
  at: v128, i: i32, rowsA: i32, j: i32, rowsB: i32, diagonal: bool, groups: usize, bursts: usize, firstA: i32,
  firstB: i32, bins: i32, counts: usize, out: usize,
): void {
  if (j >= rowsB) return;
  v128.store(out, at);
  const group = load<i32>(groups + (<usize>(firstB + j) << 2));
  const burst = load<i32>(bursts + (<usize>(firstB + j) << 2));
  for (let r = 0; r < 4; r++) {
    if (i + r >= rowsA || (diagonal && i + r >= j)) return;
    const row = <usize>(firstA + i + r) << 2;
    const other = load<i32>(groups + row);
    let kind = 1;
    if (burst >= 0 && load<i32>(bursts + row) == burst) kind = 3;
    else if (group < 0 || other < 0) kind = 2;
    else if (group == other) kind = 0;
    count(counts + (<usize>(kind * bins) << 2) + <usize>load<u32>(out + (<usize>r << 2)));
  }
}

/**
 * Histograms of the scores of rows firstA.. with rows firstB.. of the int16 matrix q.
 * kind 0-3: all pairs are mated, non-mated, unlabeled, of one burst; -1: by their labels; -2: by
 * their labels, and both blocks are one (i < j only).
 */
export function pairs(
  q: usize, stride: usize, firstA: i32, rowsA: i32, firstB: i32, rowsB: i32, sub: i32, kind: i32, groups: usize,
  bursts: usize, bins: i32, scale: f32, counts: usize, out: usize,
): void {
  const a = q + <usize>firstA * stride;
  const b = q + <usize>firstB * stride;
  const histogram = counts + (<usize>(max(kind, 0) * bins) << 2);
  for (let from = 0; from < rowsA; from += sub) {
    const to = min(rowsA, from + sub);
    for (let j = kind == -2 ? from & ~1 : 0; j < rowsB; j += 2) {
      for (let i = from; i < to; i += 4) {
        tile(a + <usize>i * stride, b + <usize>j * stride, stride, out);
        const first = binsOfFour(v128.load(out), bins, scale);
        const second = binsOfFour(v128.load(out, 16), bins, scale);
        if (kind >= 0) {
          count(histogram + <usize>i32x4.extract_lane(first, 0));
          count(histogram + <usize>i32x4.extract_lane(first, 1));
          count(histogram + <usize>i32x4.extract_lane(first, 2));
          count(histogram + <usize>i32x4.extract_lane(first, 3));
          count(histogram + <usize>i32x4.extract_lane(second, 0));
          count(histogram + <usize>i32x4.extract_lane(second, 1));
          count(histogram + <usize>i32x4.extract_lane(second, 2));
          count(histogram + <usize>i32x4.extract_lane(second, 3));
        } else {
          countLabelled(first, i, rowsA, j, rowsB, kind == -2, groups, bursts, firstA, firstB, bins, counts, out);
          countLabelled(second, i, rowsA, j + 1, rowsB, kind == -2, groups, bursts, firstA, firstB, bins, counts, out);
        }
      }
    }
  }
}

/**
 * Scales float32 rows to length 1 in place; lengths in float64.
 * @returns the first row that is zero or not finite, or -1
 */
export function normalize(x: usize, rows: i32, stride: usize): i32 {
  for (let row = 0; row < rows; row++, x += stride) {
    let s = f64x2.splat(0);
    for (let k: usize = 0; k < stride; k += 16) {
      const v = v128.load(x + k);
      const low = f64x2.promote_low_f32x4(v);
      const high = f64x2.promote_low_f32x4(i32x4.shuffle(v, v, 2, 3, 2, 3));
      s = f64x2.add(f64x2.add(s, f64x2.mul(low, low)), f64x2.mul(high, high));
    }
    const square = f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1);
    if (!(square > 0 && square < Infinity)) return row;
    const factor = f64x2.splat(1 / sqrt(square));
    for (let k: usize = 0; k < stride; k += 16) {
      const v = v128.load(x + k);
      const low = f32x4.demote_f64x2_zero(f64x2.mul(f64x2.promote_low_f32x4(v), factor));
      const high = f32x4.demote_f64x2_zero(f64x2.mul(f64x2.promote_low_f32x4(i32x4.shuffle(v, v, 2, 3, 2, 3)), factor));
      v128.store(x + k, i64x2.shuffle(low, high, 0, 2));
    }
  }
  return -1;
}

/** int16 of `bytes` of float32 in [-1, 1]: times 32767, halves to even. */
export function quantize(x: usize, q: usize, bytes: usize): void {
  const scale = f32x4.splat(32767);
  for (const end = x + bytes; x < end; x += 32, q += 16) {
    const low = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(x), scale)));
    const high = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(x, 16), scale)));
    v128.store(q, i16x8.narrow_i32x4_s(low, high));
  }
}

// @ts-ignore: decorator
@inline
function sumsOfFloats(s0: v128, s1: v128, s2: v128, s3: v128): v128 {
  const t = f32x4.add(i32x4.shuffle(s0, s1, 0, 4, 1, 5), i32x4.shuffle(s0, s1, 2, 6, 3, 7));
  const u = f32x4.add(i32x4.shuffle(s2, s3, 0, 4, 1, 5), i32x4.shuffle(s2, s3, 2, 6, 3, 7));
  return f32x4.add(i32x4.shuffle(t, u, 0, 1, 4, 5), i32x4.shuffle(t, u, 2, 3, 6, 7));
}

/**
 * out[row * columns + column] = float32 dot product of `row` of x and row `column` of p; the number
 * of rows is a multiple of 2, that of columns of 4.
 */
export function scores(x: usize, rows: i32, p: usize, columns: i32, stride: usize, out: usize): void {
  for (let j = 0; j < columns; j += 4) {
    for (let i = 0; i < rows; i += 2) {
      let s00 = f32x4.splat(0);
      let s10 = s00;
      let s20 = s00;
      let s30 = s00;
      let s01 = s00;
      let s11 = s00;
      let s21 = s00;
      let s31 = s00;
      const b = x + <usize>i * stride;
      const b1 = b + stride;
      const a = p + <usize>j * stride;
      const a1 = a + stride;
      const a2 = a1 + stride;
      const a3 = a2 + stride;
      for (let k: usize = 0; k < stride; k += 16) {
        const y0 = v128.load(b + k);
        const y1 = v128.load(b1 + k);
        let v = v128.load(a + k);
        s00 = f32x4.add(s00, f32x4.mul(v, y0));
        s01 = f32x4.add(s01, f32x4.mul(v, y1));
        v = v128.load(a1 + k);
        s10 = f32x4.add(s10, f32x4.mul(v, y0));
        s11 = f32x4.add(s11, f32x4.mul(v, y1));
        v = v128.load(a2 + k);
        s20 = f32x4.add(s20, f32x4.mul(v, y0));
        s21 = f32x4.add(s21, f32x4.mul(v, y1));
        v = v128.load(a3 + k);
        s30 = f32x4.add(s30, f32x4.mul(v, y0));
        s31 = f32x4.add(s31, f32x4.mul(v, y1));
      }
      const at = out + (<usize>(i * columns + j) << 2);
      v128.store(at, sumsOfFloats(s00, s10, s20, s30));
      v128.store(at + (<usize>columns << 2), sumsOfFloats(s01, s11, s21, s31));
    }
  }
}
