// camtrap-dp/ and the standard: packages are valid, and what is missing is named, not invented.

import { buffer } from 'node:stream/consumers';
import { sharpCrops } from '../../lib/adapters/crops/crops.ts';
import { makeLocator } from '../../lib/deer/coordinates.ts';
import { zipRenderer } from '../../lib/exports/zip/renderer.ts';
import { at, CREATED, frame, members, PERIOD, ZONE } from './archive.ts';
import { type World, world } from './fixture.ts';
import { brief, packager } from './packaged.ts';
import { descriptorProblems, type Package, packageIn, rowProblems, withStandard } from './standard.ts';

let earth: World;
beforeAll(async () => {
  earth = await world();
});
afterAll(() => earth?.close());
afterEach(() => earth.clear());

const { exported, write, locate } = packager(() => earth);

const metadata = {
  contributors: [{ title: 'A biologist', role: 'contact' }],
  project: { title: 'Herd', samplingDesign: 'systematicRandom', captureMethod: ['activityDetection'] },
  licenses: [
    { name: 'CC0-1.0', scope: 'data' },
    { name: 'CC-BY-4.0', scope: 'media' },
  ],
};

withStandard('against the standard', () => {
  const withMetadata = async (more: object = {}): Promise<Package & { readme: string }> => {
    const work = { jobId: 'a', request: PERIOD, createdAt: CREATED, timeZone: ZONE, database: earth.database };
    const product = await zipRenderer({ metadata: { ...metadata, ...more }, crops: sharpCrops() })({
      ...work,
      images: { read: () => Promise.resolve(frame) },
      progress: () => undefined,
      confirm: async () => undefined,
      locator: makeLocator('exact'),
      signal: new AbortController().signal,
    });
    const found = await members(await buffer(product.body));
    return { ...packageIn(found), readme: String(found.get('README.txt')?.body) };
  };

  test('a described project gives a valid package, also of odd names, boxes and confidences', async () => {
    await earth.add([
      {
        at: '2024-01-10T12:00:00.750Z',
        class: '=1+1',
        place: '@home',
        deer: '+49',
        path: '=cmd.jpg',
        bbox: { x: -5, y: 0, width: 5000, height: 50 },
      },
      { at: at(1), class: 'doe', place: 'NaN', deer: 'nan', bbox: { x: 500, y: 500, width: 1, height: 1 } },
      { at: at(2), class: 'Bambi | x:y', bbox: { left: 1 } },
    ]);
    await write(`UPDATE detections SET confidence = 1.0000001 WHERE classification = 'doe'`);
    await locate('@home', 43.5, -90.7);
    await locate('NaN', 43.6, -90.8);
    await locate('North', 43.7, -90.7);
    const found = await withMetadata();
    expect(descriptorProblems(found.descriptor)).toEqual([]);
    expect(rowProblems(found)).toEqual([]);
    expect(found.descriptor).toMatchObject({
      ...metadata,
      temporal: { start: '2024-01-10', end: '2024-01-11' },
      spatial: { type: 'Polygon' },
    });
    expect(found.media[0]?.timestamp).toBe('2024-01-10T06:00:00-06:00');
    expect(brief(found.observations[0], 'individualID', 'observationTags')).toBe("'+49|class:=1+1");
    expect(found.readme).not.toContain('STILL MISSING');
    const license = found.readme.slice(found.readme.indexOf('\nLicense'));
    expect(license).toContain('  data: CC0-1.0\n  media: CC-BY-4.0\n');
    expect(license).not.toContain('grants no license');
  });

  test('the id is that of the database in every period, or the one that the owner gives; each animal has its own', async () => {
    await earth.add([0, 800].map((n) => ({ at: at(n), deer: '+49' })));
    const [january, whole] = [await exported({ end_date: '2024-01-31' }), await exported()];
    const [deer] = (await write('SELECT id::text FROM deer')) as { id: string }[];
    expect(january.descriptor.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(whole.descriptor.id).toBe(january.descriptor.id);
    for (const { descriptor } of [january, whole])
      expect(descriptor.resources).toContainEqual(
        expect.objectContaining({ name: 'individuals', data: [{ individualID: "'+49", uuid: deer?.id, name: '+49' }] }),
      );
    expect((await withMetadata({ id: 'https://doi.org/10.1/herd' })).descriptor.id).toBe('https://doi.org/10.1/herd');
    await write(`ALTER TABLE hoofprint_meta RENAME TO elsewhere`);
    const bare = await exported();
    await write(`ALTER TABLE elsewhere RENAME TO hoofprint_meta`);
    expect('id' in bare.descriptor).toBe(false);
    expect(bare.readme).toContain('`npm run migrate` creates it');
  });

  test('what nobody has supplied is named in README.txt, left out, and is all that is wrong', async () => {
    await earth.add([{ at: at(0) }, { at: at(1), place: 'South' }]);
    await locate('North', 43.5, -90.7);
    const { readme, ...found } = await exported();
    expect(readme.slice(readme.indexOf('STILL MISSING')).split('\n').slice(3, 8)).toEqual([
      '  datapackage.json contributors',
      '  datapackage.json project.title',
      '  datapackage.json project.samplingDesign',
      '  datapackage.json project.captureMethod',
      '  deployments.csv latitude, longitude (1 of 2 rows)',
    ]);
    expect(
      descriptorProblems(found.descriptor)
        .map((problem) => /'(\w+)'/.exec(problem)?.[1])
        .sort(),
    ).toEqual(['captureMethod', 'contributors', 'samplingDesign', 'title']);
    expect(rowProblems(found).every((problem) => /latitude|longitude/.test(problem))).toBe(true);
  });
});
