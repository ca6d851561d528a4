// The import of Camtrap DP packages: what becomes of every kind of row.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { openImports } from './imports.ts';
import { deployment, medium, observation } from './package.ts';

let imports: Awaited<ReturnType<typeof openImports>>;
beforeAll(async () => {
  imports = await openImports();
});
afterAll(() => imports.close());

describe('what rows become', () => {
  const of = (folder: string) =>
    imports.rows(
      `SELECT d.classification, d.deer_id, d.bbox, d.is_reviewed, d.confidence, d.species, d.observation, d.burst_group_id, i.path, i."timestamp", i.filename
       FROM detections d JOIN images i ON i.id = d.image_id JOIN locations l ON l.id = i.location_id WHERE l.name LIKE '% of ' || $1 ORDER BY d.observation->>'observationID', d.id`,
      [(JSON.parse(readFileSync(join(folder, 'datapackage.json'), 'utf8')) as { id: string }).id],
    );

  test('deer get their class by sex and life stage, other species their name, count n gives n detections', async () => {
    const seen = (id: string, more: object) => observation(id, { mediaID: 'm1', ...more });
    const folder = imports.write({
      observations: [
        seen('a', { sex: 'male', lifeStage: 'adult', classificationMethod: 'human' }),
        seen('b', {
          sex: 'female',
          lifeStage: 'subadult',
          classificationMethod: 'machine',
          classificationProbability: 0.83,
        }),
        seen('c', { sex: 'male', lifeStage: 'juvenile' }),
        seen('d', { sex: 'male' }),
        seen('e', { scientificName: 'Vulpes vulpes', count: 3, individualID: 'pack', sex: 'male', lifeStage: 'adult' }),
        seen('f', { scientificName: 'Capreolus capreolus', sex: 'female', lifeStage: 'adult' }),
        seen('g', { scientificName: '', observationType: 'blank', count: '' }),
      ],
    });
    const summary = await imports.load(folder);
    expect(summary.classes).toEqual({ 'Vulpes vulpes': 3, doe: 2, buck: 1, fawn: 1, unknown: 1 });
    expect(summary.observations).toEqual({ animal: 6, blank: 1 });
    const found = await of(folder);
    expect(found[0]).toMatchObject({
      classification: 'buck',
      species: 'Odocoileus virginianus',
      is_reviewed: true,
      confidence: null,
    });
    expect(found[1]).toMatchObject({ classification: 'doe', is_reviewed: false, confidence: 0.83 });
    expect(found.filter(({ observation: said }) => 'individualID' in (said as object))).toEqual([]);
  });

  test('an event told by its media is not counted again; one without media gets an image that keeps place and time', async () => {
    const event = (id: string, more: object) => observation(id, { observationLevel: 'event', ...more });
    const later = { eventStart: '2024-05-12T20:00:00-05:00', eventEnd: '2024-05-12T20:01:00-05:00' };
    const folder = imports.write({
      media: [medium('m1'), medium('m2')],
      observations: [
        observation('a', { mediaID: 'm1', eventID: 'e1' }),
        event('b', { eventID: 'e1', count: 2 }),
        event('c', { eventID: 'e2', count: 2, ...later }),
        observation('d', { mediaID: 'm2', eventID: 'e3', observationType: 'blank', scientificName: '' }),
        event('e', { eventID: 'e3' }),
      ],
    });
    const summary = await imports.load(folder);
    expect(summary.detections.made).toBe(4);
    expect(summary.images.made).toBe(3);
    const found = await of(folder);
    expect(found.map(({ observation: said }) => (said as { observationID: string }).observationID)).toEqual([
      'a',
      'c',
      'c',
      'e',
    ]);
    expect(found[1]).toMatchObject({
      path: expect.stringMatching(/^camtrap-dp:.*\/event\/e2$/),
      timestamp: new Date(later.eventStart),
    });
    expect(found[3]).toMatchObject({ path: expect.stringMatching(/^https:.*\/m2.jpg$/) });
    expect((await imports.load(folder)).images).toEqual({ made: 0, there: 3 });
  });

  test('a deer is made of an individual seen in two events, not in one', async () => {
    const at = (id: string, eventID: string, individualID: string, more: object = {}) =>
      observation(id, { mediaID: 'm1', eventID, individualID, sex: 'male', lifeStage: 'adult', ...more });
    const folder = imports.write({
      observations: [at('a', 'e1', 'Old Ben'), at('b', 'e2', 'Old Ben'), at('c', 'e1', 'Once'), at('d', 'e1', 'Once')],
    });
    expect((await imports.load(folder)).deer).toEqual({ made: 1, there: 0 });
    expect(
      await imports.rows(`SELECT name, sex, species, sighting_count FROM deer WHERE name IN ('Old Ben', 'Once')`),
    ).toEqual([{ name: 'Old Ben', sex: 'buck', species: 'Odocoileus virginianus', sighting_count: 2 }]);
    expect((await of(folder)).map(({ deer_id }) => deer_id !== null)).toEqual([true, true, false, false]);
    expect((await imports.load(folder)).deer).toEqual({ made: 0, there: 1 });
  });

  test('boxes become pixels of the picture as it is seen, whichever way the camera lay', async () => {
    const picture = (width: number, height: number) =>
      sharp({ create: { width, height, channels: 3, background: 'green' } }).jpeg();
    const box = { bboxX: 0.25, bboxY: 0.5, bboxWidth: 0.5, bboxHeight: 0.5 };
    const folder = imports.write({
      media: [
        medium('m1', { filePath: 'media/flat.jpg' }),
        medium('m2', { filePath: 'media/turned.jpg' }),
        medium('m3', { filePath: 'media/lost.jpg' }),
      ],
      observations: ['m1', 'm2', 'm3'].map((mediaID) => observation(mediaID, { mediaID, ...box })),
      files: {
        'media/flat.jpg': await picture(800, 600).toBuffer(),
        'media/turned.jpg': await picture(800, 600).withMetadata({ orientation: 6 }).toBuffer(),
      },
    });
    const { notes } = await imports.load(folder);
    expect((await of(folder)).map(({ bbox, path }) => ({ bbox, path }))).toEqual([
      { bbox: { x: 200, y: 300, width: 400, height: 300 }, path: join(folder, 'media/flat.jpg') },
      { bbox: { x: 150, y: 400, width: 300, height: 400 }, path: join(folder, 'media/turned.jpg') },
      { bbox: null, path: join(folder, 'media/lost.jpg') },
    ]);
    expect(notes).toContain('1 media file is not in the package');
  });

  test('strings that would be formulas, markup or SQL elsewhere are kept as they are, and missing media.csv is only a note', async () => {
    const hostile = `=HYPERLINK("http://x","y"), '); DROP TABLE deer; -- </script>\r\nsecond line \u202e`;
    const folder = imports.write({
      deployments: [deployment({ locationName: '=1+1', habitat: hostile })],
      media: null,
      observations: [
        observation('a', { mediaID: 'm1', observationComments: hostile, scientificName: '@SUM(A1) __proto__' }),
      ],
      files: {},
    });
    const { notes } = await imports.load(folder);
    expect(notes).toContain(
      'there is no media.csv in the package: observations keep location and time, but have no images',
    );
    expect((await of(folder))[0]).toMatchObject({
      classification: '@SUM(A1) __proto__',
      observation: { observationComments: hostile },
    });
    expect(await imports.rows(`SELECT description FROM locations WHERE name LIKE '=1+1 of %'`)).toEqual([
      { description: hostile },
    ]);
  });

  test('a path is brought up to date only when its file is gone and the package has it; a size is never lost', async () => {
    const picture = (width: number) =>
      sharp({ create: { width, height: 300, channels: 3, background: 'green' } })
        .jpeg()
        .toBuffer();
    const parts = {
      descriptor: { id: 'moving' },
      media: ['m1', 'm2', 'm3'].map((id) => medium(id, { filePath: `media/${id}.jpg` })),
      observations: [observation('a', { mediaID: 'm1' })],
    };
    const pictures = {
      'media/m1.jpg': await picture(400),
      'media/m2.jpg': await picture(400),
      'media/m3.jpg': await picture(400),
    };
    const first = imports.write({ ...parts, files: pictures });
    await imports.load(first);
    const state = () =>
      imports.rows<{ path: string; width: number }>(
        `SELECT path, width FROM images WHERE path LIKE '%/media/m_.jpg' ORDER BY filename`,
      );
    const before = await state();
    expect(before.map(({ path, width }) => [path, width])).toEqual(
      [1, 2, 3].map((n) => [join(first, `media/m${n}.jpg`), 400]),
    );

    // The package without its files, as an export has it; and with files while the first ones are
    // still there.
    const empty = imports.write(parts);
    for (const where of [empty, imports.write({ ...parts, files: pictures })]) {
      expect((await imports.load(where)).notes.join()).not.toContain('moved');
      expect(await state()).toEqual(before);
    }
    for (const n of [1, 2, 3]) rmSync(join(first, `media/m${n}.jpg`));
    const unreadable = imports.write({ ...parts, files: { 'media/m3.jpg': 'no picture' } });
    await imports.load(unreadable);
    before[2] = { path: join(unreadable, 'media/m3.jpg'), width: 400 };
    await imports.load(empty);
    expect(await state()).toEqual(before);

    // m2 is another picture: its size differs. m3 is not in the new place either.
    const second = imports.write({
      ...parts,
      files: { 'media/m1.jpg': pictures['media/m1.jpg'], 'media/m2.jpg': await picture(100) },
    });
    expect((await imports.load(second)).notes).toContain(
      '1 image already in the database has moved: its path was updated',
    );
    expect(await state()).toEqual([{ path: join(second, 'media/m1.jpg'), width: 400 }, ...before.slice(1)]);
  });

  test('packages without an id are told apart by their content, never by a name, and the summary says so', async () => {
    const seen = ['a', 'b'].map((id) =>
      observation(id, { mediaID: 'm1', eventID: id, individualID: 'Dama 7', scientificName: 'Dama dama' }),
    );
    const parts = { descriptor: { id: undefined, name: 'herd', title: 'Same title' }, observations: seen };
    const one = imports.write(parts);
    const other = imports.write(parts);
    const summaries = [await imports.load(one), await imports.load(other), await imports.load(one)];
    expect(summaries.map(({ deer }) => deer.made)).toEqual([1, 1, 0]);
    expect(summaries[2]).toMatchObject({ detections: { made: 0, there: 2 }, images: { made: 0 } });
    for (const { notes } of summaries)
      expect(notes.join()).toContain('the package has no id: it is known by its content');
    expect((await imports.load(imports.write({}))).notes.join()).not.toContain('has no id');
  });

  test('an animal is made of sightings of two packages of one source, and grows with later ones', async () => {
    const at = (id: string, eventID: string) =>
      observation(id, { mediaID: 'm1', eventID, individualID: 'Late', scientificName: 'Dama dama' });
    const descriptor = { id: 'monthly' };
    const deer = () =>
      imports.rows(
        `SELECT sighting_count AS n, (SELECT count(*) FROM detections WHERE deer_id = deer.id) AS seen FROM deer WHERE name = 'Late'`,
      );
    await imports.load(imports.write({ descriptor, observations: [at('a', 'e1'), at('b', 'e1')] }));
    expect(await deer()).toEqual([]);
    expect((await imports.load(imports.write({ descriptor, observations: [at('c', 'e2')] }))).deer).toEqual({
      made: 1,
      there: 0,
    });
    expect(await deer()).toEqual([{ n: 3, seen: 3 }]);
    const third = imports.write({ descriptor, observations: [at('c', 'e2'), at('d', 'e3')] });
    for (const _ of [1, 2]) {
      await imports.load(third);
      expect(await deer()).toEqual([{ n: 4, seen: 4 }]);
    }
  });

  test('two places of one name are told apart, and the same file under two media ids is one image', async () => {
    const folder = imports.write({
      deployments: [deployment(), deployment({ deploymentID: 'dep2', locationID: 'loc2' })],
      media: [
        medium('m1', { filePath: 'https://example.org/same.jpg' }),
        medium('m2', { filePath: 'https://example.org/same.jpg' }),
      ],
      observations: [observation('a', { mediaID: 'm1' }), observation('b', { mediaID: 'm2' })],
    });
    const summary = await imports.load(folder);
    expect(summary).toMatchObject({ locations: { made: 2 }, images: { made: 1 }, detections: { made: 2 } });
    expect((await imports.load(folder)).locations).toEqual({ made: 0, there: 2 });
  });
});
