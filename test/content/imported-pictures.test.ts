// From a package on disk to an archive: its folder is registered by the import, damaged pictures
// have their reasons, people are kept back.
import { existsSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { images } from '../../lib/adapters/images.ts';
import { importPackage } from '../../lib/data/camtrap-dp/import.ts';
import { registeredRoots } from '../../lib/deer/image-roots.ts';
import { deployment, medium, newFolder, observation, removeFolders, writePackage } from '../data/package.ts';
import { frame, made, manifestOf, members, reasons } from './archive.ts';
import { type World, world } from './fixture.ts';

const cases = resolve(process.env.HOOFPRINT_TEST_DATA ?? '../shared/data', 'field-cases');
if (!existsSync(cases))
  console.error(
    'TEST DATA ABSENT: the field cases are not tried; set HOOFPRINT_TEST_DATA to the folder that holds field-cases',
  );
const whenPresent = existsSync(cases)
  ? test
  : (name: string, _: () => unknown) => test(`${name}: ABSENT, not checked`, () => undefined);

let earth: World;
let imageRoot: string;
let camera: ReturnType<typeof images>;
beforeEach(async () => {
  earth = await world();
  imageRoot = newFolder();
  camera = images({ root: imageRoot, registered: () => earth.database.read(registeredRoots) });
});
afterEach(async () => {
  await camera.close();
  await earth?.close();
});
afterAll(removeFolders);

const load = (where: string) => importPackage(where, { database: earth.database, imageRoot });
const exported = async (): Promise<{ counts: Record<string, number>; why: (string | undefined)[] }> => {
  const period = { start_date: '2024-01-01', end_date: '2024-12-31', group_by: 'month' } as const;
  const manifest = manifestOf(await members(await made(earth, period, { images: camera })));
  return { counts: manifest.counts, why: Object.values(reasons(manifest)) };
};

whenPresent('the field case of an empty picture: one crop, one reason, a whole archive', async () => {
  await load(join(cases, 'empty-picture'));
  const { counts, why } = await exported();
  expect(counts).toMatchObject({ requested: 2, exported: 1, crops: 1, skipped: 1, metadata_rows: 2 });
  expect(why).toEqual([undefined, 'image file is empty']);
});

const media = (...names: string[]) => names.map((name) => medium(name, { filePath: `media/${name}.jpg` }));

test('only a folder whose pictures are there is registered, and a picture that becomes a link out of it is refused', async () => {
  await load(
    writePackage({
      descriptor: { id: 'bare' },
      deployments: [deployment()],
      media: [medium('u1')],
      observations: [observation('o1', { mediaID: 'u1' })],
    }),
  );
  expect(await earth.database.read(registeredRoots)).toEqual([]);
  const where = writePackage({
    descriptor: { id: 'with-pictures' },
    deployments: [deployment({ deploymentID: 'dep2', locationID: 'loc2', locationName: 'Station two' })],
    media: media('m1', 'm2').map((row) => ({ ...row, deploymentID: 'dep2' })),
    observations: ['m1', 'm2'].map((mediaID) => observation(`o-${mediaID}`, { mediaID, deploymentID: 'dep2' })),
    files: { 'media/m1.jpg': frame, 'media/m2.jpg': frame },
  });
  await load(where);
  expect(await earth.database.read(registeredRoots)).toHaveLength(1);
  expect((await exported()).counts).toMatchObject({ crops: 2 });
  const secret = join(tmpdir(), `hoofprint-secret-${process.pid}.jpg`);
  writeFileSync(secret, frame);
  unlinkSync(join(where, 'media/m2.jpg'));
  symlinkSync(secret, join(where, 'media/m2.jpg'));
  const { counts, why } = await exported();
  rmSync(secret);
  expect(counts).toMatchObject({ crops: 1 });
  expect(why).toContain('image path is outside the image folders (IMAGE_ROOT, IMAGE_ROOTS)');
});

test('an observation of people under any name keeps its picture back', async () => {
  const names = ['Homo sapiens', 'Homo sapiens sapiens', 'HOMO SAPIENS', 'homo', 'Human', 'Mensch'];
  const ids = names.map((_, n) => `m${n}`);
  await load(
    writePackage({
      descriptor: { id: 'people' },
      deployments: [deployment()],
      media: media(...ids, 'doe'),
      observations: [
        ...names.map((scientificName, n) => observation(`p${n}`, { mediaID: `m${n}`, scientificName })),
        ...[...ids, 'doe'].map((mediaID) => observation(`d-${mediaID}`, { mediaID })),
      ],
      files: Object.fromEntries([...ids, 'doe'].map((name) => [`media/${name}.jpg`, frame])),
    }),
  );
  const { counts, why } = await exported();
  expect(counts).toMatchObject({ crops: 1 });
  expect(why.filter((reason) => reason === undefined)).toHaveLength(1);
});
