// The herd's random numbers: small, fast and the same on every machine for one seed.

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Whole number in [0, n). */
  below(n: number): number;
  /** Standard normal. */
  normal(): number;
  /** Fills with independent normals of the given standard deviation. */
  fillNormal(into: Float32Array, deviation: number): void;
  /** Index drawn in proportion to the weights. */
  weighted(weights: readonly number[]): number;
  /** The same items in random order (a new array). */
  shuffled<T>(items: readonly T[]): T[];
  /** A version 4 UUID. */
  uuid(): string;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * sfc32 (public-domain generator by Chris Doty-Humphrey): 32 bits at each call, started from a seed
 * and the name of what it is for, so that streams do not disturb each other.
 */
function sfc32(seed: number, stream: string): () => number {
  let a = seed | 0;
  let b = 0x9e3779b9 | 0;
  let c = 0x243f6a88 | 0;
  let counter = 1;
  const bits = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < stream.length; i++) {
    b = Math.imul(b ^ stream.charCodeAt(i), 0x01000193);
    bits();
  }
  for (let i = 0; i < 15; i++) bits();
  return bits;
}

/** Marsaglia's polar method: two normals for 1.27 pairs of uniforms. */
function polarNormal(bits: () => number): () => number {
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const second = spare;
      spare = undefined;
      return second;
    }
    for (;;) {
      const u = bits() / 2_147_483_648 - 1;
      const v = bits() / 2_147_483_648 - 1;
      const s = u * u + v * v;
      if (s >= 1 || s === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(s)) / s);
      spare = v * factor;
      return u * factor;
    }
  };
}

function drawUuid(bits: () => number): string {
  let text = '';
  for (let word = 0; word < 4; word++) {
    let four = bits();
    if (word === 1) four = ((four & 0xffff0fff) | 0x4000) >>> 0;
    if (word === 2) four = ((four & 0x3fffffff) | 0x80000000) >>> 0;
    text += HEX[four >>> 24]! + HEX[(four >>> 16) & 255]!;
    if (word > 0 && word < 3) text += '-';
    text += HEX[(four >>> 8) & 255]! + HEX[four & 255]!;
    if (word < 2) text += '-';
  }
  return text;
}

/** A generator for one purpose; equal seeds and streams give equal draws on every machine. */
export function random(seed: number, stream: string): Random {
  const bits = sfc32(seed, stream);
  const next = (): number => bits() / 4_294_967_296;
  const below = (n: number): number => Math.floor(next() * n);
  const normal = polarNormal(bits);
  return {
    next,
    below,
    normal,
    fillNormal: (into, deviation) => {
      for (let i = 0; i < into.length; i++) into[i] = normal() * deviation;
    },
    weighted: (weights) => {
      let total = 0;
      for (const weight of weights) total += weight;
      let left = next() * total;
      for (let i = 0; i < weights.length; i++) {
        left -= weights[i]!;
        if (left < 0) return i;
      }
      return weights.length - 1;
    },
    shuffled: (items) => {
      const order = [...items];
      for (let i = order.length - 1; i > 0; i--) {
        const j = below(i + 1);
        [order[i], order[j]] = [order[j]!, order[i]!];
      }
      return order;
    },
    uuid: () => drawUuid(bits),
  };
}
