// The still part of a demo frame: what each camera looks at, by daylight (RGB) and under infrared
// (grey), as raw pixels made once per location.
import sharp from 'sharp';
import { HEIGHT, WIDTH } from './boxes.ts';
import { type Random, random } from './random.ts';
import { openSvg } from './svg.ts';

export interface Background {
  pixels: Buffer;
  /** 3 by day, 1 under infrared. */
  channels: 1 | 3;
}

const { max, sqrt } = Math;

/** Grain of the sensor: drawn over the picture and over the animals in it. */
export const grain: Int8Array = (() => {
  const dice = random(0, 'grain');
  return Int8Array.from({ length: 1 << 16 }, () => Math.max(-127, Math.min(127, Math.round(dice.normal() * 16))));
})();

/** Both pictures of one location; some 150 ms. Deterministic for seed and location. */
export async function background(seed: number, location: number): Promise<{ day: Background; infrared: Background }> {
  const dice = random(seed, `scenery ${location}`);
  const horizon = 330 + dice.below(160);
  const [scene, coarse, middle, fine] = await Promise.all([
    openSvg(scenery(dice, horizon)).removeAlpha().raw().toBuffer(),
    cloud(random(seed, `coarse ${location}`), 24, 14),
    cloud(random(seed, `middle ${location}`), 240, 120),
    cloud(random(seed, `fine ${location}`), 960, 540),
  ]);
  // Clamped arrays round and clip by themselves.
  const day = new Uint8ClampedArray(WIDTH * HEIGHT * 3);
  const infrared = new Uint8ClampedArray(WIDTH * HEIGHT);
  for (let y = 0, at = 0; y < HEIGHT; y++) {
    // Grass near the camera has coarser texture and reflects more of the flash than the trees
    // behind; the two pass into each other.
    const ground = Math.min(Math.max((y - horizon + 50) / 100, 0), 1);
    const depth = 0.3 + ground * (0.15 + (0.55 * Math.max(y - horizon, 0)) / (HEIGHT - horizon));
    const rough = 0.3 + 0.7 * ground;
    const glow = 24 + 10 * ground;
    const below = ((y - HEIGHT * 0.62) / HEIGHT) ** 2;
    const shine = 0.42 + 0.53 * ground;
    for (let x = 0; x < WIDTH; x++, at++) {
      const texture =
        1 + (((coarse[at]! - 128) * 0.5 + (middle[at]! - 128) * 0.5 + (fine[at]! - 128) * 0.4) * rough) / 190;
      const noise = grain[(x * 31 + y * 1_217 + ((x * y) >> 4)) & 0xffff]!;
      const [r, g, b] = [scene[at * 3]!, scene[at * 3 + 1]!, scene[at * 3 + 2]!];
      day[at * 3] = r * texture + noise * 0.12;
      day[at * 3 + 1] = g * texture + noise * 0.12;
      day[at * 3 + 2] = b * texture + noise * 0.12;
      // The flash is brightest a little below the middle.
      const across = (x - WIDTH / 2) / WIDTH;
      const fall = 1.25 - 1.7 * sqrt(across * across + below);
      infrared[at] = (glow + shine * g) * texture * depth * max(fall, 0.12) + noise * 0.3;
    }
  }
  return {
    day: { pixels: Buffer.from(day.buffer), channels: 3 },
    infrared: { pixels: Buffer.from(infrared.buffer), channels: 1 },
  };
}

/** Smooth random texture around 128 over the whole picture. */
async function cloud(dice: Random, width: number, height: number): Promise<Buffer> {
  const pixels = new Uint8ClampedArray(width * height);
  for (let i = 0; i < pixels.length; i++) pixels[i] = 128 + 46 * dice.normal();
  return sharp(pixels, { raw: { width, height, channels: 1 } })
    .resize(WIDTH, HEIGHT, { kernel: 'cubic', fit: 'fill' })
    .extractChannel(0)
    .raw()
    .toBuffer();
}

function scenery(dice: Random, horizon: number): string {
  const between = (low: number, high: number): number => Math.round(low + (high - low) * dice.next());
  const shapes: string[] = [];
  // A far wood as a ragged band, then trunks that grow with nearness, bushes at their feet, tufts
  // in front.
  let ragged = `M0 ${horizon}`;
  for (let x = 0; x <= WIDTH; x += 40) ragged += ` L${x} ${horizon - between(90, 240)}`;
  shapes.push(`<path d="${ragged} L${WIDTH} ${horizon} Z" fill="#5d6f52"/>`);
  for (let i = between(26, 40); i > 0; i--) {
    const near = dice.next() ** 2;
    const [x, wide] = [between(-20, WIDTH), 7 + 46 * near];
    const foot = horizon + 8 + 120 * near;
    const [lean, grey] = [between(-30, 30), Math.round(96 - 48 * near)];
    const top = `${x + lean} -10 ${x + lean + wide * 0.7} -10`;
    shapes.push(
      `<polygon points="${x} ${foot} ${top} ${x + wide} ${foot}" fill="rgb(${grey},${grey - 10},${grey - 24})"/>`,
    );
  }
  for (let i = between(30, 50); i > 0; i--) {
    const [x, y, r] = [between(0, WIDTH), horizon + between(-30, 60), between(30, 110)];
    shapes.push(
      `<ellipse cx="${x}" cy="${y}" rx="${r}" ry="${r * 0.45}" fill="rgb(${between(58, 92)},${between(82, 112)},${between(48, 66)})"/>`,
    );
  }
  const bend = between(-300, 300);
  const path = `M${WIDTH / 2 + bend - 40} ${horizon + 40} Q${WIDTH / 2} ${HEIGHT * 0.7} ${between(100, 700)} ${HEIGHT} L${between(1_100, 1_700)} ${HEIGHT}`;
  shapes.push(
    `<path d="${path} Q${WIDTH / 2 + 160} ${HEIGHT * 0.7} ${WIDTH / 2 + bend + 40} ${horizon + 40} Z" fill="#8d8362" opacity="0.55"/>`,
  );
  for (let i = 420; i > 0; i--) {
    const near = dice.next();
    const [x, y, tall] = [between(0, WIDTH), horizon + 50 + (HEIGHT - horizon - 40) * near, 12 + 46 * near];
    const fill = `rgb(${between(90, 140)},${between(112, 146)},${between(62, 88)})`;
    shapes.push(
      `<path d="M${x} ${y} l${-tall * 0.2} ${-tall} l${tall * 0.3} ${tall} l${tall * 0.25} ${-tall * 0.9} l${tall * 0.1} ${tall} Z" fill="${fill}"/>`,
    );
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}"><defs>
    <linearGradient id="sky" x2="0" y2="1"><stop offset="0" stop-color="#b9c6cd"/><stop offset="1" stop-color="#d9dcd2"/></linearGradient>
    <linearGradient id="ground" x2="0" y2="1"><stop offset="0" stop-color="#7d8a5c"/><stop offset="1" stop-color="#6f7a49"/></linearGradient></defs>
    <rect width="${WIDTH}" height="${horizon}" fill="url(#sky)"/><rect y="${horizon}" width="${WIDTH}" height="${HEIGHT - horizon}" fill="url(#ground)"/>
    ${shapes.join('')}</svg>`;
}
