// The part of a baseline JPEG around a box, in AssemblyScript (WebAssembly with SIMD):
// scripts/build-reader.ts compiles it into jpeg-part.generated.ts, jpeg-part.ts calls it. Coded
// blocks are copied, not decoded: only the differences at the beginning of each line of units are
// written anew. No static data and no allocation: addresses are those below.

/** Bits that are looked up at once. */
const PEEK: u32 = 13;
const ENTRIES: u32 = 1 << PEEK;
/** In a table: single symbols, then several at once, codes that are longer than PEEK, codes to write. */
const SEVERAL: usize = 4 * ENTRIES;
const LONG: usize = SEVERAL + 2 * ENTRIES;
const SLOT: usize = LONG + 1024;
const SLOTS: usize = 4096;
/** The caller's words: a table to build; blocks of a unit; where the data is. */
const GIVEN: usize = 0;
const BLOCKS: usize = 512;
const LAST: usize = 768;
const WRITTEN: usize = 784;

// An entry of single symbols: bits of code and value | coefficients that it passes << 8 (of a first
// coefficient: bits of its value) | ends the block << 16 | bits of the code << 24. 0 is no code.
// One of several: bits of codes and values | (coefficients that they pass, and END or NONE) << 5.
const END: u32 = 512;
const NONE: u32 = 1024;
// @ts-ignore: decorator
@inline
const bitsOf = (entry: u32): u32 => entry & 255;

/** An address of a slot; 0 to 3 are tables of first coefficients, 4 to 7 of the others. */
export function slotAt(slot: u32): usize {
  return SLOTS + slot * SLOT;
}

function makeEntry(length: u32, symbol: u32, isFirst: bool): u32 {
  const size = symbol & 15;
  const run = symbol >> 4;
  const code = (length << 24) | (length + size);
  if (isFirst) return symbol > 11 ? 0 : code | (size << 8);
  if (size > 0) return code | ((run + 1) << 8);
  return run === 15 ? code | (16 << 8) : code | (1 << 16);
}

/** Builds a table from 16 counts and the symbols at GIVEN; false for one that is none. */
export function build(slot: u32): bool {
  const single = slotAt(slot);
  const several = single + SEVERAL;
  const long = single + LONG;
  memory.fill(single, 0, SLOT);
  let code: u32 = 0;
  let at: u32 = 0;
  for (let length: u32 = 1; length <= 16; length++) {
    const count: u32 = load<u8>(GIVEN + length - 1);
    store<u32>(long + length * 12, code);
    store<u32>(long + length * 12, count, 4);
    store<u32>(long + length * 12, at, 8);
    if (code + count > <u32>1 << length) return false;
    for (let i: u32 = 0; i < count; i++, at++, code++) {
      const symbol: u32 = load<u8>(GIVEN + 16 + at);
      store<u8>(long + 256 + at, <u8>symbol);
      const entry = makeEntry(length, symbol, slot < 4);
      if (entry === 0) return false;
      if (slot < 4) store<u32>(long + 512 + symbol * 4, (length << 16) | code);
      if (length > PEEK) continue;
      const first = code << (PEEK - length);
      const last = first + (<u32>1 << (PEEK - length));
      for (let key = first; key < last; key++) store<u32>(single + key * 4, entry);
    }
    code <<= 1;
  }
  for (let key: u32 = 0; key < ENTRIES; key++) {
    let bits: u32 = 0;
    let passed: u32 = 0;
    while (bits < PEEK && passed < END) {
      const entry = load<u32>(single + ((key << bits) & (ENTRIES - 1)) * 4);
      const more = (entry >> 8) & 255;
      if (entry === 0 || bits + (entry >> 24) > PEEK || passed + more > 63) break;
      bits += bitsOf(entry);
      passed += (entry & (1 << 16)) === 0 ? more : END;
    }
    store<u16>(several + key * 2, <u16>(bits === 0 ? NONE << 5 : bits | (passed << 5)));
  }
  return true;
}

/** The entry of the next code, of any length; 0 when there is none. */
function find(single: usize, next: u64, isFirst: bool): u32 {
  const entry = load<u32>(single + <usize>(next >> (64 - PEEK)) * 4);
  if (entry !== 0) return entry;
  const long = single + LONG;
  for (let length: u32 = PEEK + 1; length <= 16; length++) {
    const index = <u32>(next >> (64 - length)) - load<u32>(long + length * 12);
    if (index >= load<u32>(long + length * 12, 4)) continue;
    const symbol: u32 = load<u8>(long + 256 + load<u32>(long + length * 12, 8) + index);
    return makeEntry(length, symbol, isFirst);
  }
  return 0;
}

/** In memory: 16 bytes, the last one first. */
// @ts-ignore: decorator
@inline
const reverse = (bytes: v128): v128 =>
  i8x16.shuffle(bytes, bytes, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);

/**
 * Removes the zero after each 255, up to a marker, and turns the order of all bytes: a word of 8
 * bytes then has those that follow each other from its highest byte on. The bytes left.
 */
function unstuff(data: usize, length: usize): usize {
  const end = data + length;
  let from = data;
  let to = data;
  while (from < end) {
    if (from + 16 <= end) {
      const bytes = v128.load(from);
      if (!v128.any_true(i8x16.eq(bytes, i8x16.splat(-1)))) {
        v128.store(to, bytes);
        from += 16;
        to += 16;
        continue;
      }
    }
    const stop = min(from + 16, end);
    let marker = false;
    while (from < stop) {
      const byte = load<u8>(from++);
      if (byte === 255) {
        marker = from >= end || load<u8>(from) !== 0;
        if (marker) break;
        from += 1;
      }
      store<u8>(to++, byte);
    }
    if (marker) break;
  }
  let high = data + padded(to - data);
  memory.fill(to, 0, high - to);
  for (let low = data; low < high; ) {
    high -= 16;
    const bytes = reverse(v128.load(low));
    v128.store(low, reverse(v128.load(high)));
    v128.store(high, bytes);
    low += 16;
  }
  return to - data;
}

// @ts-ignore: decorator
@inline
const padded = (size: usize): usize => (size + 15) & ~15;

/** The next 57 bits or more; `base` is the address of the first 8 bytes. */
// @ts-ignore: decorator
@inline
const look = (base: usize, bit: u32): u64 => load<u64>(base - (bit >> 3)) << (bit & 7);

let out: usize = 0;
let held: u64 = 0;
let holds: u32 = 0;

function put(bits: u64, count: u32): void {
  if (count === 0) return;
  held |= (bits << (64 - count)) >> holds;
  holds += count;
  if (holds < 32) return;
  store<u32>(out, <u32>(held >> 32));
  out += 4;
  held <<= 32;
  holds -= 32;
}

function copy(base: usize, from: u32, to: u32): void {
  while (from < to) {
    const count = min<u32>(32, to - from);
    put(look(base, from) >> (64 - count), count);
    from += count;
  }
}

/** A difference, in codes of the table; false when the table has none for it. */
function putDifference(single: usize, difference: i32): bool {
  const size = <u32>(32 - clz(abs(difference)));
  if (size > 11) return false;
  const code = load<u32>(single + LONG + 512 + size * 4);
  if (code === 0) return false;
  put(code & 0xffff, code >> 16);
  const value = difference < 0 ? difference - 1 : difference;
  put(<u64>(value & ((1 << size) - 1)), size);
  return true;
}

/** The bytes of the part with their zeros and the marker of the end, behind the words. */
function stuff(words: usize): usize {
  if ((holds & 7) !== 0) put((1 << (8 - (holds & 7))) - 1, 8 - (holds & 7));
  const count = out - words + (holds >> 3);
  store<u32>(out, <u32>(held >> 32));
  const begin = out + 8;
  let to = begin;
  for (let i: usize = 0; i < count; i++) {
    const byte = load<u8>(words + (i ^ 3));
    store<u8>(to++, byte);
    if (byte === 255) store<u8>(to++, 0);
  }
  store<u16>(to, 0xd9ff);
  out = begin;
  return to + 2 - begin;
}

/** Where the part begins. */
export function partAt(): usize {
  return out;
}

/**
 * Copies units of columns [left, right) and lines [top, bottom) of a picture `across` units wide.
 * BLOCKS holds for each block of a unit its component, whether it is the first of it, and the slots
 * of its tables.
 * @param data coded bytes, in memory with 4 KB more behind them
 * @returns bytes of the part; 0 when the data is not as it should be
 */
export function cut(
  data: usize, length: usize, blocks: u32, across: u32, left: u32, right: u32, top: u32, bottom: u32,
): usize {
  const size = unstuff(data, length);
  const base = data + padded(size) - 8;
  const bits = <u32>(size << 3);
  const words = (data + length + 4096 + 15) & ~15;
  out = words;
  held = 0;
  holds = 0;
  memory.fill(LAST, 0, 32);
  let bit: u32 = 0;
  let from: u32 = 0;
  for (let line: u32 = 0; line < bottom; line++) {
    const wanted = line >= top;
    const columns = line + 1 === bottom ? right : across;
    for (let column: u32 = 0; column < columns; column++) {
      const begins = wanted && column === left;
      for (let block: u32 = 0; block < blocks; block++) {
        const about = BLOCKS + <usize>block * 16;
        const last = LAST + <usize>load<u32>(about) * 4;
        const firsts = <usize>load<u32>(about, 8);
        const others = <usize>load<u32>(about, 12);
        const several = others + SEVERAL;
        let next = look(base, bit);
        const entry = find(firsts, next, true);
        if (entry === 0) return 0;
        const valued = (entry >> 8) & 255;
        // Its highest bit says that it is positive; without a branch, which would be a guess.
        const value = <i32>((next << (entry >> 24)) >> 1 >> (63 - valued));
        const difference = value + (((value >> (valued - 1)) - 1) & (1 - (1 << valued)));
        const coefficient = load<i32>(last) + difference;
        store<i32>(last, coefficient);
        if (begins && load<u32>(about, 4) !== 0) {
          if (block !== 0) copy(base, from, bit);
          if (!putDifference(firsts, coefficient - load<i32>(last, WRITTEN - LAST))) return 0;
          from = bit + bitsOf(entry);
        }
        bit += bitsOf(entry);
        next <<= bitsOf(entry);
        let k: u32 = 1;
        // Each turn passes twice at most 27 bits, and 57 are there.
        while (true) {
          let passed: u32 = load<u16>(several + <usize>(next >> (64 - PEEK)) * 2);
          k += passed >> 5;
          bit += passed & 31;
          if (k < 64) {
            next = look(base, bit);
            passed = load<u16>(several + <usize>(next >> (64 - PEEK)) * 2);
            k += passed >> 5;
            bit += passed & 31;
            next <<= passed & 31;
            if (k < 64) continue;
          }
          if (k === 64 || (k >= END && k < END + 64)) break;
          // A long code; or a block that ends without a code that says so, in the middle of several.
          k -= passed >> 5;
          bit -= passed & 31;
          next = look(base, bit);
          const one = find(others, next, false);
          k += (one >> 8) & 255;
          if (one === 0 || k > 64) return 0;
          bit += bitsOf(one);
          next <<= bitsOf(one);
          if (k === 64 || (one & (1 << 16)) !== 0) break;
        }
      }
      if (bit > bits + 64) return 0;
      if (wanted && column + 1 === right) {
        copy(base, from, bit);
        memory.copy(WRITTEN, LAST, 16);
      }
    }
  }
  return bit > bits ? 0 : stuff(words);
}
