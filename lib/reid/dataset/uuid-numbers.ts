// Numbers for the ids of millions of rows: a hash table over the 16 bytes of a UUID, because making
// a string for each row costs more than reading the row.
import { decodeUuid } from './binary-copy.ts';

const WORDS = 4;

/** Numbers ids in the order in which they first appear. */
export class UuidNumbers {
  readonly ids: string[] = [];
  #words = new Int32Array(1_024 * WORDS);
  /** Number + 1 of the id in each slot, 0 = empty; at most half full. */
  #slots = new Int32Array(2_048);

  /** The number of the UUID at `bytes[start]`. */
  number(bytes: Buffer, start: number): number {
    const [a, b, c, d] = [
      bytes.readInt32LE(start),
      bytes.readInt32LE(start + 4),
      bytes.readInt32LE(start + 8),
      bytes.readInt32LE(start + 12),
    ];
    let slot = this.#findSlot(a, b, c, d);
    for (; this.#slots[slot] !== 0; slot = (slot + 1) & (this.#slots.length - 1)) {
      const at = (this.#slots[slot]! - 1) * WORDS;
      const words = this.#words;
      if (words[at + 3] === d && words[at + 2] === c && words[at + 1] === b && words[at] === a) return at / WORDS;
    }
    const number = this.ids.length;
    this.ids.push(decodeUuid(bytes, start));
    if ((number + 1) * WORDS > this.#words.length) this.#grow();
    this.#words.set([a, b, c, d], number * WORDS);
    this.#put(number);
    return number;
  }

  #findSlot(a: number, b: number, c: number, d: number): number {
    let hash =
      Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35) ^ Math.imul(d, 0x27d4eb2f);
    hash ^= hash >>> 15;
    return hash & (this.#slots.length - 1);
  }

  #put(number: number): void {
    const at = number * WORDS;
    const words = this.#words;
    let slot = this.#findSlot(words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!);
    while (this.#slots[slot] !== 0) slot = (slot + 1) & (this.#slots.length - 1);
    this.#slots[slot] = number + 1;
  }

  #grow(): void {
    const words = new Int32Array(this.#words.length * 2);
    words.set(this.#words);
    this.#words = words;
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (let number = 0; number < this.ids.length - 1; number++) this.#put(number);
  }
}
