// The folder of stored crops: how much room it takes, and what happens where it cannot be written.
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeCrops } from '../../lib/adapters/crops/store.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crops-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('stored crops take no more room than they may, and the oldest go first', async () => {
  const small = join(folder, 'small');
  const store = storeCrops({ folder: small, most: 100_000, every: 5 });
  const jpeg = Buffer.alloc(5_000, 1);
  for (let n = 0; n < 60; n += 1) {
    await store.put(`crop ${n}`, jpeg);
    const names = await readdir(small);
    expect(names.length * jpeg.length).toBeLessThanOrEqual(120_000);
  }
  expect(await store.get('crop 59')).toEqual(jpeg);
  expect(await store.get('crop 0')).toBeUndefined();
});

test('crops that cannot be written cost nothing but time', async () => {
  await writeFile(join(folder, 'file'), '');
  const store = storeCrops({ folder: join(folder, 'file/crops') });
  await store.put('a', Buffer.from('b'));
  expect(await store.get('a')).toBeUndefined();
});
