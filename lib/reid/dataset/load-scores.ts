// The platform's stored scores out of the database, millions of rows in a few typed arrays.
import type { Queries } from '../../adapters/postgres.ts';
import type { Catalog } from '../../deer/columns.ts';
import { Fault } from '../../errors.ts';
import { readBinaryCopy } from './binary-copy.ts';
import type { StoredRows } from './stored-scores.ts';
import { UuidNumbers } from './uuid-numbers.ts';

/** Milliseconds from 1970 to 2000, where PostgreSQL's instants begin. */
const EPOCH = Date.UTC(2000, 0, 1);
const MOST_ROWS = 2 ** 27;

/**
 * Numbers for words, in the order in which they first appear; 0 is the empty word. The first words
 * are compared byte by byte, because making a string for each row costs more.
 */
function numberWords() {
  const numbers = new Map<string, number>([['', 0]]);
  const names = [''];
  const first: Buffer[] = [];
  const equals = (word: Buffer, bytes: Buffer, start: number): boolean => {
    for (let i = 0; i < word.length; i++) if (word[i] !== bytes[start + i]) return false;
    return true;
  };
  return {
    names,
    number: (bytes: Buffer, start: number, size: number): number => {
      if (size <= 0) return 0;
      for (let i = 0; i < first.length; i++)
        if (first[i]!.length === size && equals(first[i]!, bytes, start)) return i + 1;
      const word = bytes.toString('utf8', start, start + size);
      let number = numbers.get(word);
      if (number === undefined) {
        if (names.length >= MOST_NAMES) return 0;
        number = names.length;
        numbers.set(word, number);
        names.push(word);
        if (number === first.length + 1 && number <= FIRST_NAMES)
          first.push(Buffer.from(bytes.subarray(start, start + size)));
      }
      return number;
    },
  };
}

const FIRST_NAMES = 16;
const KEPT = 's.similarity_score IS NOT NULL';

/** Classes and sexes are few; further words (someone may store ids there) count as empty. */
const MOST_NAMES = 60_000;

/**
 * @throws Fault `too-large` above 134 million rows, `corrupt` when the answer is not what was asked
 * for
 */
export async function readStored({ rows, copyOut }: Queries, { has, table }: Catalog): Promise<StoredRows> {
  const column = (name: string, type: string): string =>
    has('reid_similarity_scores', name) ? `s.${name}::${type}` : `NULL::${type}`;
  // The server converts a numeric to a float through text, which costs more than all the rest: it
  // is read as it is.
  const isNumeric = (name: string): boolean => table('reid_similarity_scores')?.columns.get(name)?.base === 'numeric';
  const exact = (name: string): string => (isNumeric(name) ? `s.${name}` : column(name, 'float8'));
  const decoder = (name: string) =>
    isNumeric(name) ? decodeNumeric : (bytes: Buffer, start: number) => bytes.readDoubleBE(start);
  const [readScore, readThreshold] = [decoder('similarity_score'), decoder('threshold_used')];
  const sql = `SELECT s.detection_id, s.deer_id, ${exact('similarity_score')}, ${column('calculated_at', 'timestamptz')},
    ${column('detection_classification', 'text')}, ${column('deer_sex', 'text')}, ${exact('threshold_used')} FROM reid_similarity_scores s
    WHERE ${KEPT}`;
  const ids = { detections: new UuidNumbers(), deer: new UuidNumbers() };
  const names = numberWords();
  // Counted first, in the same snapshot: arrays that grow would need twice the memory.
  const [{ count }] = (await rows<{ count: number }>(
    `SELECT count(*) AS count FROM reid_similarity_scores s WHERE ${KEPT}`,
  )) as [{ count: number }];
  if (count > MOST_ROWS) throw new Fault('too-large', `there are more than ${MOST_ROWS} stored scores`);
  const [detection, deer] = [new Uint32Array(count), new Uint32Array(count)];
  const [score, at] = [new Float64Array(count), new Float64Array(count)];
  const [label, sex] = [new Uint16Array(count), new Uint16Array(count)];
  let i = 0;
  let [thresholdUsed, newest]: [number | null, number] = [null, Number.NEGATIVE_INFINITY];
  await readBinaryCopy(copyOut(sql), 7, 'stored scores', (bytes, starts, sizes) => {
    if (sizes[0] !== 16 || sizes[1] !== 16)
      throw new Fault('corrupt', 'binary COPY of stored scores: not ids and a score');
    detection[i] = ids.detections.number(bytes, starts[0]!);
    deer[i] = ids.deer.number(bytes, starts[1]!);
    score[i] = readScore(bytes, starts[2]!);
    at[i] = sizes[3] === 8 ? decodeInstant(bytes, starts[3]!) : Number.NaN;
    label[i] = names.number(bytes, starts[4]!, sizes[4]!);
    sex[i] = names.number(bytes, starts[5]!, sizes[5]!);
    const when = sizes[3] === 8 ? at[i]! : Number.NEGATIVE_INFINITY;
    if (sizes[6]! > 0 && when >= newest) {
      thresholdUsed = readThreshold(bytes, starts[6]!);
      newest = when;
    }
    i++;
  });
  return {
    ...{ count, detection, deer, score, at, label, sex },
    detectionIds: ids.detections.ids,
    deerIds: ids.deer.ids,
    names: names.names,
    thresholdUsed,
  };
}

const HEADER = 8;
const NEGATIVE = 0x4000;
const NOT_FINITE = 0xc000;

/**
 * A numeric as PostgreSQL sends it: number of digits, weight of the first digit, sign and scale, in
 * 16 bits each, then the digits in base 10,000.
 */
function decodeNumeric(bytes: Buffer, start: number): number {
  const [count, weight, sign] = [
    bytes.readUInt16BE(start),
    bytes.readInt16BE(start + 2),
    bytes.readUInt16BE(start + 4),
  ];
  if (sign >= NOT_FINITE) return Number.NaN;
  // All digits as one whole number, then one division: this gives the double nearest to the
  // decimal, as `Number('0.7015')` does.
  let whole = 0;
  for (let i = 0; i < count; i++) whole = whole * 10_000 + bytes.readUInt16BE(start + HEADER + 2 * i);
  const decimals = count - 1 - weight;
  const value = decimals > 0 ? whole / 10_000 ** decimals : whole * 10_000 ** -decimals;
  return sign === NEGATIVE ? -value : value;
}

/** Microseconds since 2000 as ms since 1970; infinite instants stay infinite. */
function decodeInstant(bytes: Buffer, start: number): number {
  const [high, low] = [bytes.readInt32BE(start), bytes.readUInt32BE(start + 4)];
  if (high === 0x7fffffff && low === 0xffffffff) return Number.POSITIVE_INFINITY;
  if (high === -0x80000000 && low === 0) return Number.NEGATIVE_INFINITY;
  return EPOCH + (high * 2 ** 32 + low) / 1_000;
}
