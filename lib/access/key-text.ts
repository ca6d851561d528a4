// The text of a key: hp_, 30 random characters of base 62 (178 bits), and 6 that check them. Only
// its SHA-256 is stored.
import { createHash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const RANDOM_LENGTH = 30;
const CHECK_LENGTH = 6;
const KEY = new RegExp(`^hp_([0-9A-Za-z]{${RANDOM_LENGTH}})([0-9A-Za-z]{${CHECK_LENGTH}})$`);
/** The first of the random characters, by which people and logs name a key. */
const PREFIX_LENGTH = 8;

export interface KeyText {
  text: string;
  /** Names the key; no secret. */
  prefix: string;
  /** SHA-256 of the whole text, in hexadecimal. */
  hash: string;
}

/** CRC-32 of the random part, in base 62: a typing error is found without a look at any store. */
function check(random: string): string {
  let rest = crc32(random);
  let digits = '';
  for (let i = 0; i < CHECK_LENGTH; i += 1) {
    digits = DIGITS[rest % DIGITS.length] + digits;
    rest = Math.floor(rest / DIGITS.length);
  }
  return digits;
}

const describeKey = (random: string, text: string): KeyText => ({
  text,
  prefix: random.slice(0, PREFIX_LENGTH),
  hash: createHash('sha256').update(text).digest('hex'),
});

export function makeKey(): KeyText {
  const random = Array.from({ length: RANDOM_LENGTH }, () => DIGITS[randomInt(DIGITS.length)]).join('');
  return describeKey(random, `hp_${random}${check(random)}`);
}

/** @returns undefined for what is no key, or has a typing error */
export function parseKey(text: string): KeyText | undefined {
  const [, random = '', digits] = KEY.exec(text) ?? [];
  return digits === undefined || digits !== check(random) ? undefined : describeKey(random, text);
}
