// One owner per data folder, whatever happens at once.
import pg from 'pg';
import { openStack } from '../../localstack/stack/index.ts';
import { CONTESTS } from '../faults/rows.ts';
import { endAll, eventually, freshFolder, type Opened, openInProcess } from '../support/owners.ts';

/**
 * The suite's services: the contested folders do not have to start them themselves, only their
 * database is embedded.
 */
const { DATABASE_URL: _, ...outside } = process.env;
afterAll(endAll);

/** The service that has won the last contest, with the contested folder. */
let winner: { folder: string; environment: Record<string, string> };

async function sql(url: string, text: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await client.query(text);
  } finally {
    await client.end();
  }
}

test('two services at once, again and again: one owns, the other says who holds it, the database is never harmed', async () => {
  const folder = freshFolder();
  for (let round = 0; ; round++) {
    const rivals = [openInProcess(folder, 'service', outside), openInProcess(folder, 'service', outside)];
    const outcomes = await Promise.all(rivals.map((rival) => rival.outcome));
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['open', 'refused']);
    const won = outcomes.findIndex(({ kind }) => kind === 'open');
    const refused = outcomes[1 - won] as { reason: string };
    expect(refused.reason).toContain(`already running (process ${rivals[won]?.child.pid},`);
    const { environment } = outcomes[won] as Opened;
    await sql(environment.DATABASE_URL!, 'CREATE TABLE IF NOT EXISTS rounds (round int)');
    const { rows } = await sql(environment.DATABASE_URL!, 'SELECT count(*)::int AS n FROM rounds');
    expect(rows).toEqual([{ n: round }]);
    winner = { folder, environment };
    if (round + 1 === CONTESTS) break;
    await sql(environment.DATABASE_URL!, `INSERT INTO rounds VALUES (${round})`);
    // Half of the owners are killed, so that successors also meet dying engines.
    await rivals[won]!.end(round % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
  }
}, 400_000);

test('a brief command joins the running service, and leaves it running', async () => {
  const { folder, environment } = winner;
  const joined = await openStack({ role: 'brief', dataDir: folder, env: outside, say: () => undefined });
  expect(joined.joined).toBe(true);
  expect(joined.embeddedDatabase).toBe(true);
  expect(joined.environment.DATABASE_URL).toBe(environment.DATABASE_URL);
  // Bulk COPY works from here too, although the engine is another process's.
  await sql(joined.environment.DATABASE_URL!, 'CREATE TABLE bulk (n int)');
  const header = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
  await joined.copy(
    'bulk (n)',
    Buffer.concat([header, Buffer.from([0, 1, 0, 0, 0, 4, 0, 0, 0, 42]), Buffer.from([0xff, 0xff])]),
  );
  await joined.close();
  expect((await sql(environment.DATABASE_URL!, 'SELECT n FROM bulk')).rows).toEqual([{ n: 42 }]);
});

test('a brief command waits for another brief one to end, says so, and then owns the folder', async () => {
  const folder = freshFolder();
  const first = openInProcess(folder, 'brief', process.env);
  await first.outcome;
  const second = openInProcess(folder, 'brief', process.env);
  await eventually('the second says that it waits', () =>
    second.said.some((line) => line.includes('waiting for another command to end')),
  );
  expect(second.said.join()).toContain(`process ${first.child.pid},`);
  await first.end('SIGTERM');
  expect(await second.outcome).toMatchObject({ kind: 'open', joined: false });
});
