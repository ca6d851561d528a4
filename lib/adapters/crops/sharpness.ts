// How sharp a crop is: the spread of its brightness from that of its neighbors (variance of the
// Laplacian; Pech-Pacheco et al., ICPR 2000).
import { decoder as sharp } from '../../decoder.ts';

/** @param jpeg a crop that this service cut */
export async function measureSharpness(jpeg: Buffer): Promise<number> {
  const { data, info } = await sharp(jpeg).greyscale().raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  let [sum, squares, n] = [0, 0, 0];
  const row = width * channels;
  for (let y = 1; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1) {
      const at = y * row + x * channels;
      const value = 4 * data[at]! - data[at - channels]! - data[at + channels]! - data[at - row]! - data[at + row]!;
      sum += value;
      squares += value * value;
      n += 1;
    }
  }
  return n === 0 ? 0 : squares / n - (sum / n) ** 2;
}
