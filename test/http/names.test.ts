// Names in filters: asked of the database before a request is queued, remembered so that a busy
// database refuses nobody it need not.
import type { Database } from '../../lib/adapters/postgres.ts';
import { makeNameChecker } from '../../lib/exports/season/index.ts';

/** A database of names whose next answer may be held back. */
function directory(there: { classes: string[]; locations: string[] }) {
  let asked = 0;
  let release: (() => void) | undefined;
  let held: Promise<void> = Promise.resolve();
  const database = {
    read: async (work: (queries: unknown) => Promise<unknown>) => {
      asked += 1;
      await held;
      const rows = [
        ...there.classes.map((name) => ({ of: 'classes', name })),
        ...there.locations.map((name) => ({ of: 'locations', name })),
      ];
      return work({ rows: async () => rows });
    },
  } as unknown as Database;
  return {
    database: () => database,
    asked: () => asked,
    hold: () => {
      held = new Promise((resolve) => {
        release = resolve;
      });
    },
    release: () => release?.(),
  };
}

let now = Date.parse('2024-01-01T00:00:00Z');
const clock = () => new Date(now);

test('names that were there need no database, others are asked for again', async () => {
  const there = { classes: ['buck', 'doe'], locations: ['Ridge'] };
  const { database, asked, hold, release } = directory(there);
  const names = makeNameChecker(database, clock);
  await names.check({});
  expect(asked()).toBe(0);
  await names.check({ classifications: ['buck'], locations: ['Ridge'] });
  expect(asked()).toBe(1);
  hold();
  await names.check({ classifications: ['doe'] });
  expect(asked()).toBe(1);
  release();
  await expect(names.check({ classifications: ['elk'] })).rejects.toThrow(
    'Unknown classification "elk"; known: buck, doe',
  );
  there.classes.push('elk');
  await names.check({ classifications: ['elk'] });
  expect(asked()).toBe(3);
});

test('what was there is believed for ten minutes', async () => {
  const { database, asked } = directory({ classes: ['buck'], locations: [] });
  const names = makeNameChecker(database, clock);
  await names.check({ classifications: ['buck'] });
  now += 600_000;
  await names.check({ classifications: ['buck'] });
  expect(asked()).toBe(2);
});

test('a database that answers too late for this request serves the next one', async () => {
  const { database, asked, hold, release } = directory({ classes: ['buck'], locations: [] });
  const names = makeNameChecker(database, clock);
  hold();
  await expect(names.check({ classifications: ['buck'] })).rejects.toMatchObject({ kind: 'unavailable' });
  release();
  await names.check({ classifications: ['buck'] });
  expect(asked()).toBe(1);
});
