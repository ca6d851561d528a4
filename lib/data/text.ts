// Text files as people save them: UTF-8, with a byte order mark or without; anything else is
// refused by what it is.
import { Fault } from '../errors.ts';

/** A larger file is not a table or list of this kind, and would not fit into one string. */
const LARGEST_TEXT = 256 * 1024 * 1024;

const AGAIN = 'save it as CSV UTF-8 (in a spreadsheet: "Save as", type "CSV UTF-8")';

/**
 * The text of a UTF-8 file, without the byte order mark that it may begin with.
 * @param again what to do about a file in another encoding
 * @throws Fault `invalid` for UTF-16, for any other encoding, for zero bytes and for more than 256
 *   MiB: a guess would merge names that differ.
 */
export function utf8Text(bytes: Buffer, name: string, again = AGAIN): string {
  if (bytes.length > LARGEST_TEXT) throw new Fault('invalid', `${name} is larger than 256 MiB`);
  const mark = bytes.length < 2 ? 0 : bytes.readUInt16BE(0);
  if (mark === 0xfffe || mark === 0xfeff)
    throw new Fault('invalid', `${name} is not UTF-8 text, ${again}; now it is UTF-16`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Fault('invalid', `${name} is not UTF-8 text, ${again}`);
  }
  if (text.includes('\0'))
    throw new Fault('invalid', `${name} is not UTF-8 text, ${again}; now it holds zero bytes, as UTF-16 does`);
  return text.replace(/^\ufeff+/, '');
}
