// Two imports at once, as two people on one server do it, and imports that are cancelled.
import { readdirSync } from 'node:fs';
import { importPackage } from '../../lib/data/camtrap-dp/import.ts';
import { openImports } from './imports.ts';
import { medium, observation, packageFiles } from './package.ts';
import { newPicture } from './pictures.ts';
import { saved, zipped } from './zips.ts';

let imports: Awaited<ReturnType<typeof openImports>>;
beforeAll(async () => {
  imports = await openImports();
});
afterAll(() => imports.close());

test('imports take turns: of two at once, both would count the sightings of a known animal', async () => {
  const held: object[] = [];
  const { database } = imports;
  const watched: typeof database = {
    ...database,
    write: (work) =>
      database.write((queries) =>
        work({
          ...queries,
          rows: async (sql, params) => {
            if (sql.startsWith('SELECT id::text FROM detections'))
              held.push(
                ...(await queries.rows(
                  `SELECT mode FROM pg_locks WHERE relation = 'hoofprint_meta'::regclass AND granted`,
                )),
              );
            return queries.rows(sql, params);
          },
        }),
      ),
  };
  await imports.load(imports.write({ observations: [observation('o1', { mediaID: 'm1' })] }), { database: watched });
  expect(held).toContainEqual({ mode: 'ExclusiveLock' });
});

describe('cancelled, an import leaves nothing', () => {
  const pack = async (id: string): Promise<Buffer> =>
    zipped(
      packageFiles({
        descriptor: { id },
        media: [medium('m1', { filePath: 'media/m1.jpg' })],
        observations: [observation('o1', { mediaID: 'm1' })],
        files: { 'media/m1.jpg': await newPicture(90) },
      }),
    );
  const left = () => readdirSync(imports.imageRoot, { recursive: true, encoding: 'utf8' });

  test('while its first picture is unpacked: no empty folder', async () => {
    const bytes = await pack('cancelled-first');
    const before = [left(), await imports.everything()];
    const cancel = new AbortController();
    async function* read(start: number, end: number) {
      // Its folder is there, the picture is not.
      if (left().length > before[0]!.length) cancel.abort();
      yield bytes.subarray(start, end);
    }
    const { database, imageRoot } = imports;
    const archive = { name: 'a.zip', size: bytes.length, read };
    await expect(importPackage(archive, { database, imageRoot, signal: cancel.signal })).rejects.toThrow('aborted');
    expect([left(), await imports.everything()]).toEqual(before);
  });

  test('when all is stored but for the commit', async () => {
    const archive = saved(await pack('cancelled-last'));
    const before = [left(), await imports.everything()];
    const confirm = async () => {
      throw new Error('cancelled');
    };
    const { database, imageRoot } = imports;
    await expect(importPackage(archive, { database, imageRoot, confirm })).rejects.toThrow('cancelled');
    expect([left(), await imports.everything()]).toEqual(before);
    await imports.load(archive);
    expect(left().filter((path) => path.endsWith('m1.jpg'))).toHaveLength(1);
  });
});
