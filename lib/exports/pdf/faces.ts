// The picture of each known deer: cut out of its best images, the sharpest crop is shown.
import pMap from 'p-map';
import type { Crops } from '../../adapters/crops/crops.ts';
import type { CropStore } from '../../adapters/crops/store.ts';
import type { Images } from '../../adapters/images.ts';
import { Fault, isFault } from '../../errors.ts';
import { withTimeout } from '../../timeout.ts';
import type { PictureSource, SeasonReport } from '../season/index.ts';
import { cutImage } from '../shared/cut-image.ts';
import { readSize } from './layout/jpeg-size.ts';

/** Longest side in pixels: 220 dots an inch in the width that a face has. */
export const FACE_PIXELS = 240;
/** Images that are decoded for one report; more only where there are more deer, or a crop fails. */
const MOST_IMAGES = 40;
const IMAGES_AT_ONCE = 3;
const VERSIONS_AT_ONCE = 4;
/** All pictures of a report; who has none by then is an outline. */
const WITHIN_MS = 60_000;
/** The source is away when this many images cannot be read now. */
const MOST_UNREADABLE = 4;
/** A sharper crop is preferred to a larger one of less than this many times its pixels. */
const MUCH_LARGER = 2;

export interface FacePorts {
  crops: Crops;
  /** Where crops stay from one report to the next; undefined = nowhere. */
  store: CropStore | undefined;
  sharpness: (jpeg: Buffer) => Promise<number>;
}

export type Face = { jpeg: Buffer; width: number; height: number } | { reason: string };

export const NO_PICTURE = 'no picture may be shown';

type Cut = { source: PictureSource } & ({ jpeg: Buffer } | { reason: string });

interface Work extends FacePorts {
  images: Images;
  signal: AbortSignal;
  endMs: number;
  unreadable: number;
}

const LATE = 'pictures were not ready in time';

/** The same with a reason for each where the image cannot be had: no image ends a report. */
async function tryToCut(path: string, sources: readonly PictureSource[], work: Work): Promise<Cut[]> {
  work.signal.throwIfAborted();
  const fail = (reason: string): Cut[] => sources.map((source) => ({ source, reason }));
  const left = work.endMs - performance.now();
  if (left <= 0) return fail(LATE);
  if (work.unreadable >= MOST_UNREADABLE) return fail('the camera images cannot be read at the moment');
  try {
    const { crops } = await withTimeout(
      left,
      () => cutImage(work, path, sources, FACE_PIXELS),
      () => new Fault('unavailable', LATE),
    );
    return sources.map((source, index) => ({ source, ...(crops[index] ?? { reason: 'image cannot be decoded' }) }));
  } catch (error) {
    if (isFault(error, 'unavailable')) work.unreadable += 1;
    return fail(error instanceof Fault ? error.message : 'image cannot be read');
  }
}

/** Of crops in the order of their sources: what a reviewer has seen, not much smaller, sharpest. */
async function pickFace(cuts: readonly Cut[], { sharpness }: FacePorts): Promise<Face> {
  const made = cuts.flatMap((cut) => ('jpeg' in cut ? [{ ...cut, ...readSize(cut.jpeg) }] : []));
  const seen = made.filter(({ source }) => source.confirmed);
  const able = seen.length > 0 ? seen : made;
  const largest = Math.max(...able.map(({ width, height }) => width * height));
  const large = able.filter(({ width, height }) => MUCH_LARGER * width * height >= largest);
  const [first] = large;
  if (first === undefined) {
    const [failed] = cuts;
    return { reason: failed !== undefined && 'reason' in failed ? failed.reason : NO_PICTURE };
  }
  if (large.length === 1) return first;
  const measured = await Promise.all(large.map(async (cut) => ({ cut, is: await sharpness(cut.jpeg) })));
  return measured.reduce((best, next) => (next.is > best.is ? next : best)).cut;
}

/** By source, all that its crop depends on; those whose image is no file here are absent. */
async function findKeys(sources: readonly PictureSource[], work: Work): Promise<Map<PictureSource, string>> {
  const { store, images, endMs } = work;
  if (store === undefined || images.version === undefined) return new Map();
  const readVersion = async (path: string): Promise<[string, string | undefined]> => {
    work.signal.throwIfAborted();
    const isLate = performance.now() > endMs;
    return [path, isLate ? undefined : await images.version!(path).catch(() => undefined)];
  };
  const paths = [...new Set(sources.map(({ path }) => path))];
  const versions = new Map(await pMap(paths, readVersion, { concurrency: VERSIONS_AT_ONCE }));
  return new Map(
    sources.flatMap((source) => {
      const { id, path, box, relative } = source;
      const version = versions.get(path);
      return version === undefined ? [] : [[source, JSON.stringify([FACE_PIXELS, id, path, box, relative, version])]];
    }),
  );
}

/** Cuts some pictures, each image once. */
async function cutAll(sources: readonly PictureSource[], work: Work): Promise<Map<PictureSource, Cut>> {
  const images = [...Map.groupBy(sources, ({ path }) => path)];
  const made = await pMap(images, ([path, list]) => tryToCut(path, list, work), { concurrency: IMAGES_AT_ONCE });
  return new Map(made.flat().map((cut) => [cut.source, cut]));
}

/** Crops as they are stored; the others are cut, and stored for the next report. */
async function takeCuts(sources: readonly PictureSource[], work: Work): Promise<Map<PictureSource, Cut>> {
  const keys = await findKeys(sources, work);
  const read = async ([source, key]: [PictureSource, string]): Promise<Cut[]> => {
    const jpeg = await work.store!.get(key);
    return jpeg === undefined ? [] : [{ source, jpeg }];
  };
  const stored = (await pMap(keys, read, { concurrency: VERSIONS_AT_ONCE })).flat();
  const cuts = new Map(stored.map((cut) => [cut.source, cut]));
  const made = await cutAll(
    sources.filter((source) => !cuts.has(source)),
    work,
  );
  // An archive may have left the file here when it was asked for it.
  const later = await findKeys(
    [...made.keys()].filter((source) => !keys.has(source)),
    work,
  );
  for (const [source, cut] of made) {
    cuts.set(source, cut);
    const key = keys.get(source) ?? later.get(source);
    if (key !== undefined && 'jpeg' in cut) await work.store?.put(key, cut.jpeg);
  }
  return cuts;
}

/**
 * A face, or the reason why there is none, for each deer of a report that has a picture. Every
 * image is decoded once for all deer that it shows, unless a crop of another one fails.
 */
export async function cutFaces(
  { pictures }: Pick<SeasonReport, 'pictures'>,
  images: Images,
  ports: FacePorts,
  signal: AbortSignal,
): Promise<Map<string, Face>> {
  const work: Work = { ...ports, images, signal, endMs: performance.now() + WITHIN_MS, unreadable: 0 };
  const atFirst = Math.max(1, Math.floor(MOST_IMAGES / Math.max(1, pictures.size)));
  const cuts = new Map<string, Cut[]>([...pictures.keys()].map((deer) => [deer, []]));
  const isWithout = (deer: string): boolean => !cuts.get(deer)!.some((cut) => 'jpeg' in cut);
  const most = Math.max(0, ...[...pictures.values()].map(({ length }) => length));
  for (let from = 0; from < most; from += from === 0 ? atFirst : 1) {
    const end = from === 0 ? atFirst : from + 1;
    const wanted = [...pictures]
      .filter(([deer]) => isWithout(deer))
      .map(([deer, list]) => [deer, list.slice(from, end)] as const);
    const made = await takeCuts(
      wanted.flatMap(([, list]) => list),
      work,
    );
    for (const [deer, list] of wanted) cuts.get(deer)!.push(...list.map((source) => made.get(source)!));
  }
  const choose = async ([deer, list]: [string, Cut[]]): Promise<[string, Face]> => [deer, await pickFace(list, ports)];
  return new Map(await pMap(cuts, choose, { concurrency: IMAGES_AT_ONCE }));
}
