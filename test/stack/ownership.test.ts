// One owner per data folder, whatever happens at once.
import pg from 'pg';
import { openStack, type Stack } from '../../localstack/stack/index.ts';
import { CONTESTS } from '../faults/rows.ts';
import { endAll, eventually, freshFolder, type Opened, openInProcess } from '../support/owners.ts';

/**
 * Services that the contested folders do not have to start themselves: only their database is
 * embedded.
 */
let shared: Stack;
let outside: NodeJS.ProcessEnv;

beforeAll(async () => {
  shared = await openStack({
    role: 'service',
    dataDir: freshFolder(),
    herd: false,
    freePorts: true,
    env: {},
    say: () => undefined,
  });
  const { DATABASE_URL: _, ...rest } = shared.environment;
  outside = rest;
});
afterAll(async () => {
  await endAll();
  await shared?.close();
});

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
  for (let round = 0; round < CONTESTS; round++) {
    const rivals = [openInProcess(folder, 'service', outside), openInProcess(folder, 'service', outside)];
    const outcomes = await Promise.all(rivals.map((rival) => rival.outcome));
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['open', 'refused']);
    const winner = outcomes.findIndex(({ kind }) => kind === 'open');
    const refused = outcomes[1 - winner] as { reason: string };
    expect(refused.reason).toContain(`already running (process ${rivals[winner]?.child.pid},`);
    const { environment } = outcomes[winner] as Opened;
    await sql(environment.DATABASE_URL!, 'CREATE TABLE IF NOT EXISTS rounds (round int)');
    await sql(environment.DATABASE_URL!, `INSERT INTO rounds VALUES (${round})`);
    // Half of the owners are killed, so that successors also meet dying engines.
    await rivals[winner]!.end(round % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
  }
  const last = openInProcess(folder, 'service', outside);
  const { environment } = (await last.outcome) as Opened;
  const { rows } = await sql(environment.DATABASE_URL!, 'SELECT count(*)::int AS n FROM rounds');
  expect(rows).toEqual([{ n: CONTESTS }]);
}, 400_000);

test('a brief command joins the running service, and leaves it running', async () => {
  const folder = freshFolder();
  const service = openInProcess(folder, 'service', outside);
  const owned = (await service.outcome) as Opened;
  const joined = await openStack({ role: 'brief', dataDir: folder, env: outside, say: () => undefined });
  expect(joined.joined).toBe(true);
  expect(joined.embeddedDatabase).toBe(true);
  expect(joined.environment.DATABASE_URL).toBe(owned.environment.DATABASE_URL);
  // Bulk COPY works from here too, although the engine is another process's.
  await sql(joined.environment.DATABASE_URL!, 'CREATE TABLE bulk (n int)');
  const header = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
  await joined.copy(
    'bulk (n)',
    Buffer.concat([header, Buffer.from([0, 1, 0, 0, 0, 4, 0, 0, 0, 42]), Buffer.from([0xff, 0xff])]),
  );
  await joined.close();
  expect((await sql(owned.environment.DATABASE_URL!, 'SELECT n FROM bulk')).rows).toEqual([{ n: 42 }]);
});

test('a brief command waits for another brief one to end, says so, and then owns the folder', async () => {
  const folder = freshFolder();
  const first = openInProcess(folder, 'brief', shared.environment);
  await first.outcome;
  const second = openInProcess(folder, 'brief', shared.environment);
  await eventually('the second says that it waits', () =>
    second.said.some((line) => line.includes('waiting for another command to end')),
  );
  expect(second.said.join()).toContain(`process ${first.child.pid},`);
  await first.end('SIGTERM');
  expect(await second.outcome).toMatchObject({ kind: 'open', joined: false });
});
