// The rule of image paths: what is really below an allowed folder is a picture, everything
// else is refused with a reason.
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allowedFile, locate } from '../../lib/allowed-path.ts';
import { registeredRoots, registerRoot } from '../../lib/deer/image-roots.ts';
import { type World, world } from './fixture.ts';

const OUTSIDE = { refused: 'image path is outside the image folders (IMAGE_ROOT, IMAGE_ROOTS)' };
let base: string;
let root: string;
let other: string;
beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'allowed-')));
  [root, other] = [join(base, 'root'), join(base, 'other')];
  await mkdir(join(root, 'sub'), { recursive: true });
  await mkdir(other);
  // A folder whose name only begins like the root.
  await mkdir(`${root}-private`);
  await writeFile(join(root, 'sub/a.jpg'), 'a');
  await writeFile(join(other, 'b.jpg'), 'b');
  await writeFile(join(`${root}-private`, 'c.jpg'), 'c');
  await writeFile(join(base, 'secret.txt'), 'secret');
  await symlink(join(base, 'secret.txt'), join(root, 'out.jpg'));
  await symlink(base, join(root, 'up'));
  await symlink('/proc/self/environ', join(root, 'environ.jpg'));
  await symlink(join(root, 'sub/a.jpg'), join(root, 'in.jpg'));
  await symlink(join(root, 'loop.jpg'), join(root, 'loop.jpg'));
  await symlink(root, join(base, 'door'));
});
afterAll(() => rm(base, { recursive: true }));

const asked = (path: string) => allowedFile(path, { root, others: [other] });

test('files below the root or another allowed folder are found, links inside followed', async () => {
  const a = { file: join(root, 'sub/a.jpg') };
  for (const path of [
    'sub/a.jpg',
    './sub//a.jpg',
    'sub\\a.jpg',
    join(root, 'sub/a.jpg'),
    join(root, 'sub/../sub/a.jpg'),
    'in.jpg',
  ])
    expect([path, await asked(path)]).toEqual([path, a]);
  expect(await asked(join(other, 'b.jpg'))).toEqual({ file: join(other, 'b.jpg') });
  // The folder itself may be written with a link, in the configuration as in the path.
  expect(await allowedFile('in.jpg', { root: join(base, 'door'), others: [] })).toEqual(a);
  expect(await asked(join(base, 'door/sub/a.jpg'))).toEqual(a);
  expect(await asked('none.jpg')).toEqual({ missing: true });
  expect(await asked('sub/a.jpg/none.jpg')).toEqual({ missing: true });
});

test('whatever leads out is refused', async () => {
  const out = [
    ...[
      '/proc/self/environ',
      '/etc/passwd',
      '/dev/zero',
      join(base, 'secret.txt'),
      join(root, '../secret.txt'),
      `${root}-private/c.jpg`,
    ],
    ...['out.jpg', 'up/secret.txt', 'environ.jpg', root, base, join(root, 'up/other/../secret.txt')],
  ];
  for (const path of out) expect([path, await asked(path)]).toEqual([path, OUTSIDE]);
  // A root that holds everything holds no device and no memory of a process.
  for (const path of ['/proc/self/environ', '/dev/zero', '/sys/kernel/mm'])
    expect([path, await allowedFile(path, { root: '/', others: [] })]).toEqual([path, OUTSIDE]);
  for (const path of ['../secret.txt', 'sub/../../secret.txt', '..\\secret.txt'])
    expect(await asked(path)).toEqual({ refused: 'image path leaves the image folder' });
  await expect(asked('loop.jpg')).rejects.toMatchObject({ code: 'ELOOP' });
});

test('without folders a reason says what to set', async () => {
  const none = { root: '', others: [] };
  expect(await allowedFile('Meadow/IMG0001.JPG', none)).toEqual({
    refused: 'image path is relative and IMAGE_ROOT, the folder that it starts from, is not set',
  });
  expect(await allowedFile('/mnt/images/Meadow/IMG0001.JPG', none)).toEqual(OUTSIDE);
  // Another folder is no start of relative paths.
  expect(await allowedFile('b.jpg', { root: '', others: [other] })).toMatchObject({
    refused: expect.stringContaining('IMAGE_ROOT'),
  });
});

test.each([
  ['', 'image file is missing'],
  ['.', 'image file is missing'],
  ['a\0.jpg', 'image path is not valid'],
  ['HTTPS://example.org/a.jpg', 'image is a URL and URLs are not fetched'],
  ['s3://bucket/a.jpg', 'image is a URL and URLs are not fetched'],
  ['file:///etc/passwd', 'image path is a file: address; a plain path is needed'],
  ['camtrap-dp:x/y', 'no image file belongs to this observation'],
  ['D:\\cards\\IMG_1.JPG', 'image path names a Windows drive that this machine does not have'],
  ['\\\\nas\\cards\\IMG_1.JPG', 'image path names a Windows drive that this machine does not have'],
])('%j: %s', (path, refused) => expect(locate(path)).toEqual({ refused }));

describe('folders of imports', () => {
  let earth: World;
  beforeAll(async () => {
    earth = await world();
  });
  afterAll(() => earth?.close());

  test('are registered by their real path, once', async () => {
    for (const folder of [other, other, join(base, 'door')])
      await earth.database.write((queries) => registerRoot(queries, folder));
    expect(await earth.database.read(registeredRoots)).toEqual([other, root]);
  });
});
