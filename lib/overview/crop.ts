// GET /api/crops/{detection_id}: the picture of one detection, cut out of its image as archives do.
// A page asks for many at once: what is read of the database is read together.
import { createHash } from 'node:crypto';
import type { CutImage } from '../adapters/crops/crops.ts';
import type { Database, Queries } from '../adapters/postgres.ts';
import { PLACEHOLDER } from '../deer/camtrap-dp.ts';
import { readColumns } from '../deer/columns.ts';
import { findPeopleWith } from '../deer/detections.ts';
import { Fault } from '../errors.ts';
import { isKnownTag } from '../etag.ts';

interface Cut {
  box: unknown;
  relative?: unknown;
}

/** What a picture is cut from. */
export interface Found {
  path: string;
  cut: Cut;
  /** A person is in the image. */
  isHidden: boolean;
}

export type Finder = (id: string) => Promise<Found | undefined>;

export interface PicturePorts {
  find: Finder;
  /** @throws Fault `not-found` with a reason, `unavailable` */
  cut: (path: string, cuts: readonly Cut[], size: number) => Promise<CutImage>;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

interface Row {
  id: string;
  image_id: string;
  path: string;
  bbox: unknown;
  bbox_relative: unknown;
}

async function findAll(queries: Queries, ids: readonly string[]): Promise<Map<string, Found>> {
  const has = await readColumns(queries);
  const rows = await queries.rows<Row>(
    `SELECT d.id, i.id AS image_id, i.path, d.bbox, ${has('detections', 'bbox_relative') ? 'd.bbox_relative' : 'NULL AS bbox_relative'}
     FROM detections d JOIN images i ON i.id = d.image_id WHERE d.id = ANY ($1::uuid[])`,
    [ids],
  );
  const people = await findPeopleWith(queries, ids);
  return new Map(
    rows.map(({ id, image_id, path, bbox, bbox_relative }) => [
      id,
      { path, cut: { box: bbox, relative: bbox_relative }, isHidden: people.images.has(image_id) },
    ]),
  );
}

/** Those who ask within this time are answered from one snapshot, in ms. */
const GATHER_MS = 5;

/**
 * Finds detections by their ids (lower-case UUIDs), many at once: who asks while others are being
 * answered waits for the next snapshot, so that one connection is enough.
 */
export function makeFinder(database: Database): Finder {
  let gathered: { ids: Set<string>; found: Promise<Map<string, Found>> } | undefined;
  let before: Promise<unknown> = Promise.resolve();
  const gather = (): NonNullable<typeof gathered> => {
    const ids = new Set<string>();
    const soon = new Promise((ready) => setTimeout(ready, GATHER_MS));
    const found = Promise.all([before, soon]).then(() => {
      gathered = undefined;
      return database.read((queries) => findAll(queries, [...ids]));
    });
    before = found.catch(() => undefined);
    return { ids, found };
  };
  return async (id) => {
    gathered ??= gather();
    gathered.ids.add(id);
    return (await gathered.found).get(id);
  };
}

/** Longest side in pixels. */
const LEAST_SIZE = 32;
const MOST_SIZE = 640;
const SIZE = 320;

/** @throws Fault `invalid` */
export function readSize(text: string | undefined): number {
  const size = text === undefined ? SIZE : /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (size < LEAST_SIZE || size > MOST_SIZE)
    throw new Fault('invalid', `size must be a whole number of pixels from ${LEAST_SIZE} to ${MOST_SIZE}`);
  return size;
}

/** Pictures in work of one process; who asks for more is refused at once. */
const MOST_AT_ONCE = 200;
let atOnce = 0;

/** Raised when pictures are cut in another way. */
const MANNER = 1;
const makeTag = ({ path, cut }: Found, size: number): string => {
  const parts = JSON.stringify([MANNER, path, cut.box ?? null, cut.relative ?? null, size]);
  return `"${createHash('sha256').update(parts).digest('base64url').slice(0, 22)}"`;
};

export interface PictureAnswer {
  status: number;
  headers: Record<string, string>;
  body?: Buffer;
}

/**
 * The picture of a detection, or 304 for who has it.
 * @throws Fault `not-found` with the reason why there is none, `unavailable`
 */
export async function makePicture(
  { find, cut }: PicturePorts,
  id: string | undefined,
  size: number,
  ifNoneMatch: string | undefined,
): Promise<PictureAnswer> {
  const asked = id?.toLowerCase() ?? '';
  if (!UUID.test(asked)) throw new Fault('not-found', 'There is no such detection');
  if (atOnce >= MOST_AT_ONCE) throw new Fault('unavailable', 'Too many pictures are being made; ask again');
  atOnce += 1;
  try {
    const found = await find(asked);
    if (found === undefined) throw new Fault('not-found', 'There is no such detection');
    if (found.isHidden) throw new Fault('not-found', 'A person is in the image: such pictures are never shown');
    if (found.path.startsWith(PLACEHOLDER)) throw new Fault('not-found', 'There is no image file of this detection');
    // Kept by the browser alone, and not for long: a person may yet be found in it.
    const headers = { etag: makeTag(found, size), 'cache-control': 'private, max-age=300' };
    if (isKnownTag(ifNoneMatch, headers.etag)) return { status: 304, headers };
    const [crop] = (await cut(found.path, [found.cut], size)).crops;
    if (crop === undefined || 'reason' in crop) throw new Fault('not-found', crop?.reason ?? 'image cannot be decoded');
    return { status: 200, headers: { ...headers, 'content-type': 'image/jpeg' }, body: crop.jpeg };
  } finally {
    atOnce -= 1;
  }
}
