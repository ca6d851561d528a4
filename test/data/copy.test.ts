// Binary COPY bodies: every type of column comes back as it went in, nulls included.
import { binaryCopy } from '../../localstack/herd/copy.ts';
import { migratedDatabase } from '../support/database.ts';

test('what the engine reads is what was written', async () => {
  await using own = { ...(await migratedDatabase()), [Symbol.asyncDispose]: () => own.close() };
  const rows = <T extends object>(sql: string) => own.database.write((queries) => queries.rows<T>(sql));
  await rows('CREATE TABLE every (a uuid, b text, c timestamptz, d jsonb, e float8, f int4, g bool, h vector)');
  const types = ['uuid', 'text', 'timestamptz', 'jsonb', 'float8', 'int4', 'bool', 'vector'] as const;
  type Row = Parameters<typeof binaryCopy<typeof types>>[1] extends Iterable<infer R> ? R : never;
  const at = Date.UTC(1999, 11, 31, 23, 59, 59, 999);
  const id = '0B2C1A34-1111-4222-8333-444455556666';
  const full: Row = [
    id,
    'na\u00efve \ud83e\udd8c',
    at,
    { deep: [1, 'two', null] },
    -0.1,
    -7,
    true,
    Float32Array.of(1.5, -2.25, 3e-20),
  ];
  const none: Row = [null, null, null, null, null, null, null, null];
  // Long enough that the body has to grow more than once.
  const long: Row = [id, 'x'.repeat(300_000), 0, [], 1e300, 2_147_483_647, false, Float32Array.of(0)];
  await own.copy('every (a, b, c, d, e, f, g, h)', binaryCopy(types, [full, none, long]));
  const [first, second, third] = await rows('SELECT *, h::text AS h FROM every');
  expect(first).toEqual({
    ...{
      a: '0b2c1a34-1111-4222-8333-444455556666',
      b: 'na\u00efve \ud83e\udd8c',
      c: new Date(at),
      d: { deep: [1, 'two', null] },
    },
    ...{ e: -0.1, f: -7, g: true, h: '[1.5,-2.25,3e-20]' },
  });
  expect(Object.values(second!)).toEqual(Array(8).fill(null));
  expect(third).toMatchObject({ b: 'x'.repeat(300_000), c: new Date(0), d: [], e: 1e300, f: 2_147_483_647, g: false });
  expect(() => binaryCopy(['uuid'], [['not-a-uuid']])).toThrow('not a UUID: not-a-uuid');
});
