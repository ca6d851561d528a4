// The printed line at the foot of a demo frame, in built-in letters: a machine without fonts
// draws the same bytes.
import { HEIGHT, WIDTH } from './boxes.ts';

export const STRIP_HEIGHT = 48;
const SCALE = 4;

/** Five columns of seven dots per letter, the lowest bit on top. */
const LETTERS: Record<string, string> = {
  '0': '3e5149453e',
  '1': '00427f4000',
  '2': '4261514946',
  '3': '2141454b31',
  '4': '1814127f10',
  '5': '2745454539',
  '6': '3c4a494930',
  '7': '0171090503',
  '8': '3649494936',
  '9': '064949291e',
  ':': '0036360000',
  '-': '0808080808',
  A: '7e1111117e',
  B: '7f49494936',
  C: '3e41414122',
  D: '7f4141221c',
  E: '7f49494941',
  F: '7f09090901',
  G: '3e4149497a',
  H: '7f0808087f',
  I: '00417f4100',
  J: '2040413f01',
  K: '7f08142241',
  L: '7f40404040',
  M: '7f020c027f',
  N: '7f0408107f',
  O: '3e4141413e',
  P: '7f09090906',
  Q: '3e4151215e',
  R: '7f09192946',
  S: '4649494931',
  T: '01017f0101',
  U: '3f4040403f',
  V: '1f2040201f',
  W: '3f4038403f',
  X: '6314081463',
  Y: '0708700807',
  Z: '6151494543',
};

/**
 * Writes the text in pale dots on the lowest 48 lines of a raw 1920x1080 picture; letters without a
 * form are left blank.
 */
export function drawText(picture: Buffer, channels: 1 | 3, text: string): void {
  const top = HEIGHT - STRIP_HEIGHT + (STRIP_HEIGHT - 7 * SCALE) / 2;
  let left = 24;
  for (const letter of text.toUpperCase()) {
    const columns = Buffer.from(LETTERS[letter] ?? '', 'hex');
    columns.forEach((dots, column) => {
      for (let row = 0; row < 7; row++) {
        if (((dots >> row) & 1) === 0) continue;
        const from = left + column * SCALE;
        for (let y = 0; y < SCALE; y++) {
          const line = (top + row * SCALE + y) * WIDTH;
          picture.fill(226, (line + from) * channels, (line + from + SCALE) * channels);
        }
      }
    });
    left += 6 * SCALE;
    if (left + 5 * SCALE > WIDTH) return;
  }
}
