// npm run doctor on an owner's database: what works, what does not, what to type; and it asks
// nobody that was not named.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { migrate } from '../../lib/deer/schema.ts';
import type { Finding } from '../../scripts/doctor/doctor.ts';
import { runDoctor } from '../../scripts/doctor/doctor.ts';
import { ownDatabase } from '../support/database.ts';
import { freshFolder } from '../support/owners.ts';
import { type Platform, platform, withPlatform } from '../support/platform.ts';
import { bareEnvironment } from '../support/services.ts';

const plain = (more: NodeJS.ProcessEnv): NodeJS.ProcessEnv => {
  return { ...bareEnvironment(), HOOFPRINT_DATA: freshFolder(), HOOFPRINT_DEMO: '0', ...more };
};
/** Findings about the database, as `state line`. */
const about = (findings: Finding[]): string[] =>
  findings
    .filter(({ line }) => /^the database|^postgres (answers|does)/.test(line))
    .map(({ state, line }) => `${state} ${line}`);
const doctor = async (url: string): Promise<string[]> => about(await runDoctor(plain({ DATABASE_URL: url })));

test('an empty database is not ok: no table, and what to type; after npm run migrate it is', async () => {
  const own = await ownDatabase();
  try {
    expect(await doctor(own.url)).toEqual([
      'fails the database of DATABASE_URL has no table images, detections, locations, deer. Type: npm run migrate',
    ]);
    await migrate(own.database);
    const found = await doctor(own.url);
    expect(found[0]).toBe('ok the database of DATABASE_URL can be used: exports work');
    expect(found[1]).toMatch(
      /^note .*neither vectors of detections nor stored scores, which Re-ID needs\. Type: npm run import -- --embeddings/,
    );
  } finally {
    await own.close();
  }
});

test('a database that does not answer is not asked about its tables', async () => {
  const found = await doctor('postgres://nobody@127.0.0.1:1/none');
  expect(found).toEqual([expect.stringMatching(/^fails postgres does not answer: .*Check DATABASE_URL, or unset it$/)]);
});

test('only what a variable names is asked: no usual address of Redis or another service', async () => {
  const said: string[] = [];
  const write = process.stderr.write.bind(process.stderr);
  const server = createServer((socket) => {
    said.push('asked');
    socket.destroy();
  });
  // Where a Redis runs already, the line of its answer is what is looked for.
  await new Promise<void>((resolve) => server.once('error', () => resolve()).listen(6379, '127.0.0.1', resolve));
  process.stderr.write = ((text: string) => said.push(String(text)) > 0) as never;
  const own = await ownDatabase();
  try {
    const findings = await runDoctor(plain({ DATABASE_URL: own.url }));
    expect(findings.filter(({ line }) => /redis|sqs|s3/i.test(line) && !/^port /.test(line))).toEqual([]);
  } finally {
    process.stderr.write = write;
    await own.close();
    server.close();
  }
  expect(said.filter((line) => /redis|asked/i.test(line))).toEqual([]);
});

withPlatform("the platform's database", () => {
  let own: Platform;
  beforeAll(async () => {
    own = await platform();
  });
  afterAll(() => own?.close());

  test('as it is: exports work, Re-ID works on its scores, imports need npm run migrate', async () => {
    const [works, ...notes] = await doctor(own.url);
    expect(works).toBe('ok the database of DATABASE_URL can be used: exports work, Re-ID works on its stored scores');
    expect(notes.join('\n')).toMatch(/^note .*imports and reviews need npm run migrate/);
  });

  test('a user who may read nothing, half of the tables, and a column that is not there: none is ok, no SQL is shown', async () => {
    // The embedded engine takes everybody for its owner.
    if (process.env.HOOFPRINT_TEST_DATABASE_URL !== undefined) {
      const guest = new URL(own.url);
      [guest.username, guest.password] = [`guest_${randomBytes(4).toString('hex')}`, 'guest'];
      await own.run(`CREATE ROLE ${guest.username} LOGIN PASSWORD 'guest'`);
      try {
        expect(await doctor(guest.href)).toEqual([
          expect.stringMatching(
            /^fails the database user guest_\w+ may not read .*images.* Give it that privilege, or name another user in DATABASE_URL$/,
          ),
        ]);
      } finally {
        await own.run(`DROP ROLE ${guest.username}`);
      }
    }
    await own.run('ALTER TABLE images DROP COLUMN filename CASCADE');
    expect(await doctor(own.url)).toEqual([
      expect.stringMatching(
        /^fails the database of DATABASE_URL has tables .* images\.filename is missing\. Change them, or name another database in DATABASE_URL$/,
      ),
    ]);
    await own.run('ALTER TABLE images ADD COLUMN filename text; DROP TABLE deer CASCADE; DROP TABLE locations CASCADE');
    const found = await doctor(own.url);
    expect(found).toEqual(['fails the database of DATABASE_URL has no table locations, deer. Type: npm run migrate']);
    expect(found.join('\n')).not.toMatch(/SELECT|relation|column "/);
  });
});
