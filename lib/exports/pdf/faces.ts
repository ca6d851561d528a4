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
/** Images that are decoded for one report, unless a crop fails. */
const MOST_IMAGES = 60;
const IMAGES_AT_ONCE = 3;
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

/** All that a crop depends on but the image. */
const makeKey = ({ id, path, box, relative }: PictureSource, version: string): string =>
  JSON.stringify([id, path, box ?? null, relative ?? null, FACE_PIXELS, version]);

async function findStored(sources: readonly PictureSource[], version: string, store: CropStore) {
  const found = await Promise.all(sources.map((source) => store.get(makeKey(source, version))));
  return found.every((jpeg) => jpeg !== undefined) ? found : undefined;
}

/** Crops of one image, stored ones as far as its file has not changed. */
async function cutSources(path: string, sources: readonly PictureSource[], work: Work): Promise<Cut[]> {
  const { store } = work;
  const version = store && (await work.images.version?.(path));
  const found = store && version !== undefined ? await findStored(sources, version, store) : undefined;
  if (found !== undefined) return sources.map((source, index) => ({ source, jpeg: found[index]! }));
  const { crops } = await cutImage(work, path, sources, FACE_PIXELS);
  return Promise.all(
    sources.map(async (source, index) => {
      const crop = crops[index] ?? { reason: 'image cannot be decoded' };
      if (version !== undefined && 'jpeg' in crop) await store?.put(makeKey(source, version), crop.jpeg);
      return { source, ...crop };
    }),
  );
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
    return await withTimeout(
      left,
      () => cutSources(path, sources, work),
      () => new Fault('unavailable', LATE),
    );
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

/**
 * A face, or the reason why there is none, for each deer of a report that has a picture. Every
 * image is decoded once for all deer that it shows, unless a crop of another one fails.
 */
export async function cutFaces(
  { pictures }: Pick<SeasonReport, 'pictures'>,
  files: Images,
  ports: FacePorts,
  signal: AbortSignal,
): Promise<Map<string, Face>> {
  const work: Work = { ...ports, images: files, signal, endMs: performance.now() + WITHIN_MS, unreadable: 0 };
  const atFirst = Math.max(1, Math.floor(MOST_IMAGES / Math.max(1, pictures.size)));
  const cuts = new Map<string, Cut[]>([...pictures.keys()].map((deer) => [deer, []]));
  const isWithout = (deer: string): boolean => !cuts.get(deer)!.some((cut) => 'jpeg' in cut);
  const most = Math.max(0, ...[...pictures.values()].map(({ length }) => length));
  for (let from = 0; from < most; from += from === 0 ? atFirst : 1) {
    const [begin, end] = [from, from === 0 ? atFirst : from + 1];
    const wanted = [...pictures].flatMap(([deer, sources]) =>
      from === 0 || isWithout(deer) ? sources.slice(begin, end).map((source) => ({ deer, source })) : [],
    );
    const images = [...Map.groupBy(wanted, ({ source }) => source.path)];
    const made = await pMap(
      images,
      ([path, list]) =>
        tryToCut(
          path,
          list.map(({ source }) => source),
          work,
        ),
      {
        concurrency: IMAGES_AT_ONCE,
      },
    );
    const bySource = new Map(made.flat().map((cut) => [cut.source, cut]));
    for (const { deer, source } of wanted) cuts.get(deer)!.push(bySource.get(source)!);
  }
  const faces = await pMap(cuts, async ([deer, list]) => [deer, await pickFace(list, ports)] as const, {
    concurrency: IMAGES_AT_ONCE,
  });
  return new Map(faces);
}
