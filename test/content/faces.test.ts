// Who is who in a report: which picture each deer has, how often images are decoded, and what is
// said where there is none.
import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';
import { sharpCrops } from '../../lib/adapters/crops/crops.ts';
import { measureSharpness } from '../../lib/adapters/crops/sharpness.ts';
import { storeCrops } from '../../lib/adapters/crops/store.ts';
import { type ImageFiles, images as openImages } from '../../lib/adapters/images.ts';
import { makeLocator } from '../../lib/deer/coordinates.ts';
import { Fault } from '../../lib/errors.ts';
import { renderAhead } from '../../lib/exports/pdf/ahead.ts';
import { cutFaces, FACE_PIXELS, type Face } from '../../lib/exports/pdf/faces.ts';
import { pdfRenderer } from '../../lib/exports/pdf/renderer.ts';
import type { PictureSource } from '../../lib/exports/season/index.ts';
import { CREATED, ZONE } from './archive.ts';
import { type Shot, type World, world } from './fixture.ts';
import { extentOf, pagesOf } from './pdf-text.ts';
import { report, wordsOf } from './report.ts';

let earth: World;
beforeAll(async () => {
  earth = await world();
});
afterEach(() => earth.clear());
afterAll(() => earth.close());

const SPAN = { start_date: '2024-01-01', end_date: '2024-03-31', include_charts: false, include_map: false } as const;
const at = (n: number): string => new Date(Date.UTC(2024, 0, 2, 12, n)).toISOString();
const BOX = { x: 20, y: 20, width: 200, height: 150 };
const write = (sql: string, params: unknown[] = []) => earth.database.write(({ rows }) => rows(sql, params));

/** A checkered image of one color, more or less blurred. */
async function draw(color: string, blur = 0): Promise<Buffer> {
  const [width, height] = [400, 300];
  const paint = color.match(/[\da-f]{2}/g)!.map((byte) => Number.parseInt(byte, 16));
  const raw = Buffer.alloc(width * height * 3);
  for (let at = 0; at < width * height; at += 1) {
    const isWhite = at % 40 < 20 && Math.floor(at / width) % 50 < 25;
    for (let channel = 0; channel < 3; channel += 1) raw[3 * at + channel] = isWhite ? 255 : paint[channel]!;
  }
  const drawn = sharp(raw, { raw: { width, height, channels: 3 } });
  return (blur > 0 ? drawn.blur(blur) : drawn).jpeg().toBuffer();
}
const cropOf = async (image: Buffer, box: object = BOX): Promise<Buffer> => {
  const [crop] = (await sharpCrops().cut(image, [{ box }], FACE_PIXELS)).crops;
  if (crop === undefined || 'reason' in crop) throw new Error('no crop');
  return crop.jpeg;
};

/** A report of images by their paths, and which were read. */
async function show(
  files: Readonly<Record<string, Buffer>>,
  request: object = {},
): Promise<{ pdf: Buffer; read: string[] }> {
  const read: string[] = [];
  const images = {
    read: async (path: string) => {
      read.push(path);
      const found = files[path];
      if (found === undefined) throw new Fault('not-found', 'image file is missing');
      return found;
    },
  };
  return { pdf: await report(earth, { ...SPAN, ...request }, { images }), read };
}
const shoot = (shots: readonly Partial<Shot>[]) =>
  earth.add(shots.map((shot, n) => ({ at: at(n), bbox: BOX, deer: 'Ada', ...shot })));

test('each deer has its best picture: confirmed first, then not much smaller, then the sharpest', async () => {
  const files = {
    'sharp.jpg': await draw('#b01010'),
    'dim.jpg': await draw('#10b010', 3),
    'seen.jpg': await draw('#1010b0', 6),
  };
  const small = { x: 20, y: 20, width: 60, height: 40 };
  const ids = await shoot([{ path: 'dim.jpg' }, { path: 'sharp.jpg' }, { path: 'seen.jpg' }]);
  const [dim, crisp, seen, tiny] = [
    ...(await Promise.all(
      Object.values({ a: files['dim.jpg'], b: files['sharp.jpg'], c: files['seen.jpg'] }).map((file) => cropOf(file)),
    )),
    await cropOf(files['sharp.jpg'], small),
  ] as [Buffer, Buffer, Buffer, Buffer];
  const { pdf, read } = await show(files);
  expect([pdf.includes(crisp), pdf.includes(dim), pdf.includes(seen)]).toEqual([true, false, false]);
  expect(read.sort()).toEqual(['dim.jpg', 'seen.jpg', 'sharp.jpg']);
  await write('UPDATE detections SET bbox = $2 WHERE id = $1', [ids[1], small]);
  const larger = (await show(files)).pdf;
  expect([larger.includes(dim), larger.includes(tiny)]).toEqual([true, false]);
  await write('UPDATE detections SET is_reviewed = true WHERE id = $1', [ids[2]]);
  const confirmed = (await show(files)).pdf;
  expect([confirmed.includes(seen), confirmed.includes(dim)]).toEqual([true, false]);
});

test('never a picture with a person, nor one of a detection that does not count', async () => {
  const files = {
    'ranger.jpg': await draw('#b01010'),
    'wrong.jpg': await draw('#10b010'),
    'plain.jpg': await draw('#1010b0', 4),
  };
  await shoot([
    { path: 'ranger.jpg' },
    { path: 'ranger.jpg', class: 'Ranger', deer: null, valid: false },
    { path: 'wrong.jpg', valid: false },
    { path: 'plain.jpg' },
    { path: 'ranger.jpg', deer: 'Bo' },
  ]);
  const { pdf, read } = await show(files);
  expect(read).toEqual(['plain.jpg']);
  expect(pdf.includes(await cropOf(files['plain.jpg']))).toBe(true);
  expect(wordsOf(pdf)).toContain('Shown as an outline: no picture may be shown (1).');
});

test('an image is decoded once for all deer that it shows, and one that fails is made up for', async () => {
  const file = await draw('#1010b0');
  await shoot([
    { path: 'both.jpg' },
    { path: 'both.jpg', deer: 'Bo', bbox: { ...BOX, x: 150 } },
    { path: 'gone.jpg', deer: 'Cy' },
    { path: 'gone-too.jpg', deer: 'Cy' },
  ]);
  const first = await show({ 'both.jpg': file });
  expect(first.read.sort()).toEqual(['both.jpg', 'gone-too.jpg', 'gone.jpg']);
  expect(wordsOf(first.pdf)).toContain('Shown as an outline: image file is missing (1).');
  const sources = (n: number): PictureSource[] =>
    Array.from({ length: 3 }, (_, at) => ({
      id: `${n}-${at}`,
      path: `${n}-${at}.jpg`,
      box: BOX,
      relative: null,
      confirmed: false,
    }));
  const pictures = new Map(Array.from({ length: 60 }, (_, n) => [`deer ${n}`, sources(n)]));
  const read: string[] = [];
  const images = {
    read: async (path: string) => {
      read.push(path);
      if (path === '7-0.jpg') throw new Fault('not-found', 'image file is missing');
      return file;
    },
  };
  const ports = { crops: sharpCrops(), store: undefined, sharpness: measureSharpness };
  const faces = await cutFaces({ pictures }, images, ports, new AbortController().signal);
  expect([...faces.values()].filter((face) => 'jpeg' in face)).toHaveLength(60);
  expect(read).toHaveLength(61);
  expect(read.at(-1)).toBe('7-1.jpg');
});

test('six a row by sex, 60 deer with their numbers, the rest named; two runs are the same bytes', async () => {
  const file = await draw('#1010b0');
  const files = { 'North.jpg': file, 'South.jpg': file };
  const names = Array.from({ length: 63 }, (_, n) => `Deer number ${n}`);
  await earth.add(
    names.flatMap((deer, n) =>
      (n < 60 ? ['North', 'South'] : ['North']).map((place, again) => ({
        ...{ at: at(100 * again), bbox: BOX, path: `${place}.jpg`, deer, place },
      })),
    ),
  );
  await write(
    `UPDATE deer SET sex = CASE WHEN name LIKE '%1' THEN 'buck' WHEN name LIKE '%2' THEN 'unknown' ELSE 'doe' END::text`,
  );
  const { pdf, read } = await show(files, { include_tables: false });
  const words = wordsOf(pdf);
  expect(read).toEqual(['South.jpg']);
  expect(words).toMatch(/Who is who .* Bucks \(6\) .* Does \(48\) .* Sex not known \(6\) /);
  expect(words).toMatch(/Deer number 1 .*2 sightings, 2 cameras/);
  expect(words.split('2 sightings, 2 cameras')).toHaveLength(61);
  expect(words).not.toMatch(/number \d+ unknown/);
  expect(words).toContain('Also seen in the period: Deer number 60, Deer number 61, and Deer number 62.');
  const { left, right } = extentOf(pdf);
  expect([left >= 45, right <= 551]).toEqual([true, true]);
  expect(pagesOf(pdf).length).toBeLessThan(7);
  await write('UPDATE detections SET is_valid = is_valid');
  expect(Buffer.compare((await show(files, { include_tables: false })).pdf, pdf)).toBe(0);
});

test('without identities or pictures a sentence says so; without the section no image is read', async () => {
  await earth.add([{ at: at(0), bbox: BOX, path: 'a.jpg' }]);
  expect(wordsOf((await show({})).pdf)).toContain(
    'Who is who No detection in this report is assigned to a known deer, so there are no pictures.',
  );
  await shoot([{ path: 'b.jpg' }, { path: 'camtrap-dp:p/event/1', deer: 'Bo' }]);
  expect(wordsOf((await show({})).pdf)).toContain(
    'There is no picture of 2 known deer: image file is missing (1) and no picture may be shown (1).',
  );
  const plain = await show({ 'b.jpg': await draw('#1010b0') }, { include_pictures: false });
  expect([plain.read, wordsOf(plain.pdf).includes('Who is who')]).toEqual([[], false]);
});

test('a source of images that is away costs some reads, and the report is made', async () => {
  await earth.add(
    Array.from({ length: 40 }, (_, n) => ({ at: at(n), bbox: BOX, path: `${n}.jpg`, deer: `Deer ${n}` })),
  );
  let reads = 0;
  const images = {
    read: () => {
      reads += 1;
      return Promise.reject(new Fault('unavailable', 'image archive does not answer'));
    },
  };
  const words = wordsOf(await report(earth, SPAN, { images }));
  expect(words).toMatch(
    /There is no picture of 40 known deer: the camera images cannot be read at the moment \(3\d\) and/,
  );
  expect(reads).toBeLessThan(8);
});

describe('crops that are stored', () => {
  let folder: string;
  let files: ImageFiles;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faces-'));
    await mkdir(join(folder, 'images'));
    files = openImages({ root: join(folder, 'images') });
  });
  afterAll(async () => {
    await files.close();
    await rm(folder, { recursive: true });
  });

  test('are used until their file changes, and give the same report', async () => {
    await writeFile(join(folder, 'images/a.jpg'), await draw('#b01010'));
    await shoot([{ path: 'a.jpg' }]);
    let cuts = 0;
    const images: ImageFiles = {
      ...files,
      cut: (...asked) => {
        cuts += 1;
        return files.cut!(...asked);
      },
    };
    const store = storeCrops({ folder: join(folder, 'crops') });
    const render = pdfRenderer({ crops: sharpCrops(), store, sharpness: measureSharpness });
    const make = async (): Promise<Buffer> => {
      const { body } = await render({
        ...{ jobId: 'a-job', request: { ...SPAN, group_by: 'month' }, createdAt: CREATED, timeZone: ZONE },
        ...{
          database: earth.database,
          images,
          progress: () => undefined,
          confirm: async () => undefined,
          locator: makeLocator('exact'),
        },
        signal: new AbortController().signal,
      });
      return buffer(body);
    };
    // Of the twelve months up to the last detection, by a report that nobody asked for.
    const ahead = { database: earth.database, images, locator: makeLocator('exact'), timeZone: ZONE };
    await renderAhead(render, { ...ahead, clock: () => CREATED });
    expect(cuts).toBe(1);
    const first = await make();
    expect(Buffer.compare(await make(), first)).toBe(0);
    expect(cuts).toBe(1);
    await writeFile(join(folder, 'images/a.jpg'), await draw('#1010b0'));
    expect(Buffer.compare(await make(), first)).not.toBe(0);
    expect(cuts).toBe(2);
    await utimes(join(folder, 'images/a.jpg'), 1_000, 1_000);
    await make();
    expect(cuts).toBe(3);
    const names = await readdir(join(folder, 'crops'));
    const modes = await Promise.all(
      [join(folder, 'crops'), ...names.map((name) => join(folder, 'crops', name))].map((path) => stat(path)),
    );
    expect(modes.map(({ mode }) => mode & 0o077)).toEqual(modes.map(() => 0));
    await rm(join(folder, 'images/a.jpg'));
    expect(wordsOf(await make())).toContain('image file is missing (1)');
  });

  test('are kept of an archive that leaves the file where it was looked for', async () => {
    await shoot([{ path: 'b.jpg' }]);
    let reads = 0;
    const images: ImageFiles = {
      ...files,
      cut: async () => undefined,
      read: async () => {
        reads += 1;
        const drawn = await draw('#10b010');
        await writeFile(join(folder, 'images/b.jpg'), drawn);
        return drawn;
      },
    };
    const store = storeCrops({ folder: join(folder, 'crops') });
    const render = pdfRenderer({ crops: sharpCrops(), store, sharpness: measureSharpness });
    const ahead = { database: earth.database, images, locator: makeLocator('exact'), timeZone: ZONE };
    for (let i = 0; i < 2; i++) await renderAhead(render, { ...ahead, clock: () => CREATED });
    expect(reads).toBe(1);
  });
});

test('a sharper picture has a higher measure', async () => {
  const measures = await Promise.all([0, 1, 2, 4].map(async (blur) => measureSharpness(await draw('#556633', blur))));
  expect(measures).toEqual([...measures].sort((a, b) => b - a));
  const flat: Face = { jpeg: await cropOf(await draw('#ffffff')), width: 1, height: 1 };
  expect('jpeg' in flat && (await measureSharpness(flat.jpeg))).toBeLessThan(1);
});
