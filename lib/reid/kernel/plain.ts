// The twin of kernel.as in plain JavaScript: the same calls on the same memory with the same
// integers, bit by bit. For machines whose WebAssembly has no SIMD, such as virtual ones with a
// generic processor type (QEMU's kvm64 has no SSE4).
import type { Engine } from './work.ts';

/** Row numbers of two blocks: [first row of A, rows of A, first row of B, rows of B]. */
type Blocks = readonly [number, number, number, number];

const { fround, imul } = Math;

// Longer than 60 lines because its functions share the views of one memory.
export function plainEngine(memory: ArrayBufferLike): Engine {
  const shorts = new Int16Array(memory);
  const ints = new Int32Array(memory);
  const floats = new Float32Array(memory);

  /** Scores of row a with rows b and b + length, into `pair`; addresses count int16. */
  const pair = new Int32Array(2);
  function dots(a: number, b: number, length: number): void {
    let first = 0;
    let second = 0;
    for (let k = 0; k < length; k++) {
      const x = shorts[a + k]!;
      first = (first + imul(x, shorts[b + k]!)) | 0;
      second = (second + imul(x, shorts[b + length + k]!)) | 0;
    }
    pair[0] = first;
    pair[1] = second;
  }

  /** Calls `each` with every pair of the two blocks; i < j if they are one. */
  function overPairs(
    q: number,
    stride: number,
    [firstA, rowsA, firstB, rowsB]: Blocks,
    diagonal: boolean,
    each: (i: number, j: number, score: number) => void,
  ): void {
    const length = stride / 2;
    for (let i = 0; i < rowsA; i++) {
      for (let j = diagonal ? (i + 1) & ~1 : 0; j < rowsB; j += 2) {
        dots(q / 2 + (firstA + i) * length, q / 2 + (firstB + j) * length, length);
        if (!diagonal || i < j) each(i, j, pair[0]!);
        if (j + 1 < rowsB) each(i, j + 1, pair[1]!);
      }
    }
  }

  return {
    pairs(q, stride, firstA, rowsA, firstB, rowsB, _sub, kind, groups, bursts, bins, scale, counts) {
      const factor = fround(scale);
      const half = bins / 2;
      const [groupAt, burstAt, countAt] = [groups / 4, bursts / 4, counts / 4];
      overPairs(q, stride, [firstA, rowsA, firstB, rowsB], kind === -2, (i, j, score) => {
        const [a, b] = [firstA + i, firstB + j];
        const [groupA, groupB, burst] = [ints[groupAt + a]!, ints[groupAt + b]!, ints[burstAt + b]!];
        let what = 1;
        if (kind >= 0) what = kind;
        else if (burst >= 0 && burst === ints[burstAt + a]) what = 3;
        else if (groupA < 0 || groupB < 0) what = 2;
        else if (groupA === groupB) what = 0;
        const bin = fround(fround(fround(score) * factor) + half) | 0;
        const at = countAt + what * bins + Math.min(Math.max(bin, 0), bins - 1);
        ints[at] = ints[at]! + 1;
      });
    },
    normalize(x, rows, stride) {
      const length = stride / 4;
      for (let row = 0; row < rows; row++) {
        const from = x / 4 + row * length;
        let even = 0;
        let odd = 0;
        for (let k = from; k < from + length; k += 2) {
          even += floats[k]! * floats[k]!;
          odd += floats[k + 1]! * floats[k + 1]!;
        }
        const square = even + odd;
        if (!(square > 0 && square < Number.POSITIVE_INFINITY)) return row;
        const factor = 1 / Math.sqrt(square);
        for (let k = from; k < from + length; k++) floats[k] = floats[k]! * factor;
      }
      return -1;
    },
    quantize(x, q, bytes) {
      // Adding and subtracting 1.5 x 2^23 in float32 rounds to the nearest whole number, halves to
      // even.
      const shift = 12_582_912;
      for (let k = 0; k < bytes / 4; k++) {
        shorts[q / 2 + k] = fround(fround(floats[x / 4 + k]! * 32_767) + shift) - shift;
      }
    },
    scores(x, rows, p, columns, stride, out) {
      const length = stride / 4;
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          const [a, b] = [x / 4 + i * length, p / 4 + j * length];
          let sum = 0;
          for (let k = 0; k < length; k++) sum += floats[a + k]! * floats[b + k]!;
          floats[out / 4 + i * columns + j] = sum;
        }
      }
    },
  };
}
