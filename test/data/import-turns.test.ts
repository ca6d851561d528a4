// Two imports at once, as two people on one server do it.
import { openImports } from './imports.ts';
import { observation } from './package.ts';

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
