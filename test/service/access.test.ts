// Keys over HTTP: what is refused, by the emulator alike (in the soak); what only the host does:
// listening beyond loopback, a base path, proxies, sessions.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { insertKey } from '../../lib/access/key-table.ts';
import { makeKey } from '../../lib/access/key-text.ts';
import { postgres } from '../../lib/adapters/postgres.ts';
import { freePorts } from '../../localstack/stack/ports.ts';
import { download, followExport } from '../../scripts/demo/client.ts';
import { plain, refused, start } from '../start/person.ts';
import { migratedDatabase } from '../support/database.ts';
import { SMALL_REPORT } from '../support/small-report.ts';
import { until } from '../support/wait.ts';
import { REFUSALS } from './access-refusals.ts';
import {
  type Answered,
  ask,
  bearer,
  create,
  emulator,
  folder,
  host,
  keys,
  logOf,
  npmRunKeys,
  POST,
  SOAK,
  startOne,
  tenant,
  useServices,
} from './access-services.ts';

useServices();
const served = SOAK ? (['host', 'emulator'] as const) : (['host'] as const);

test.each(REFUSALS)('refused alike by all that serve HTTP: %s', async (_, asked, status, text, ...[challenge]) => {
  const services = emulator === undefined ? [host] : [host, emulator];
  const answers = await Promise.all(services.map((service) => ask(service, asked())));
  for (const { status: seen, text: said, headers } of answers) {
    expect([seen, said]).toEqual([status, expect.stringMatching(text)]);
    if (status === 401) expect(headers['www-authenticate']).toMatch(/^Bearer realm="hoofprint"/);
    if (challenge !== undefined) expect(headers['www-authenticate']).toBe(challenge);
  }
  expect(new Set(answers.map((answer) => answer.text)).size).toBe(1);
});

test.each(served)('%s: readiness is for all, its details for those with a key', async (name) => {
  const look = (headers = {}) => ask(name === 'host' ? host : emulator!, { path: '/readyz', headers });
  // A crowded machine may be slow for a moment.
  await until('readiness', async () => ((await look()).status === 200 ? true : undefined));
  for (const headers of [{}, bearer(makeKey().text), { cookie: 'hoofprint=x' }])
    expect(Object.keys(JSON.parse((await look(headers)).text))).toEqual(['status']);
  const { services } = JSON.parse((await look(bearer(keys.reader))).text) as { services: object };
  expect(Object.keys(services)).toEqual(expect.arrayContaining(['postgres', 'redis', 'sqs', 's3']));
});

test.each(served)('%s: with a key an export is asked for, followed and fetched; others do not see it', async (name) => {
  const service = name === 'host' ? host : emulator!;
  const office = { url: service.url, token: keys.office };
  const { status } = await followExport(office, 'pdf', SMALL_REPORT, () => undefined);
  expect(
    readFileSync(await download(office, status, folder))
      .subarray(0, 5)
      .toString(),
  ).toBe('%PDF-');
  const path = `/api/exports/pdf/${status.job_id}`;
  expect((await ask(service, { path, headers: bearer(keys.reader) })).status).toBe(404);
  expect((await ask(service, { path: status.download_url!, headers: bearer(keys.reader) })).status).toBe(404);
  expect((await ask(service, { path, headers: bearer(keys.chief) })).status).toBe(200);
  const listed = async (key: string | undefined): Promise<string[]> => {
    const { text } = await ask(service, { path: '/api/exports', headers: bearer(key) });
    return (JSON.parse(text).exports as { job_id: string }[]).map(({ job_id }) => job_id);
  };
  expect(await listed(keys.office)).toContain(status.job_id);
  expect(await listed(keys.chief)).toContain(status.job_id);
  expect(await listed(keys.reader)).toEqual([]);
  const cancel = { method: 'DELETE', path: `/api/exports/${status.job_id}` };
  expect((await ask(service, { ...cancel, headers: bearer(keys.reader) })).status).toBe(403);
  expect((await ask(service, { ...cancel, headers: bearer(keys.office) })).status).toBe(204);
  const office8 = keys.office!.slice(3, 11);
  for (const act of ['export requested', 'export cancelled']) {
    const entry = `"key":"${office8}","owner":"Ranch office","act":"${act}","subject":"${status.job_id}"`;
    await until('the audit entry', () => (logOf(name).includes(entry) ? true : undefined));
  }
});

test('a new key of the same owner sees the jobs of the old one', async () => {
  const { job_id } = JSON.parse((await ask(host, { ...POST, headers: bearer(keys.office) })).text) as {
    job_id: string;
  };
  const next = await create('Ranch office', 'read');
  await until('the new key', async () =>
    (await ask(host, { path: `/api/exports/pdf/${job_id}`, headers: bearer(next) })).status === 200 ? true : undefined,
  );
});

if (SOAK)
  test('a revoked key ends within a minute', async () => {
    const next = await create('Biologist', 'read');
    await until('the new key', async () =>
      (await ask(host, { path: '/api/session', headers: bearer(next) })).status === 200 ? true : undefined,
    );
    await npmRunKeys('revoke', next.slice(3, 11));
    await until(
      'its end',
      async () =>
        (await ask(host, { path: '/api/session', headers: bearer(next) })).status === 401 ? true : undefined,
      65_000,
    );
  }, 90_000);

test('too many requests with one key: 429 with when to come back, and no other key is concerned', async () => {
  const answers = await Promise.all(
    Array.from({ length: 150 }, () => ask(host, { path: '/api/session', headers: bearer(keys.busy) })),
  );
  const late = answers.filter(({ status }) => status === 429);
  expect(late.length).toBeGreaterThan(20);
  expect(answers.every(({ status }) => status === 200 || status === 429)).toBe(true);
  expect(late[0]!.headers).toMatchObject({
    'retry-after': '1',
    'ratelimit-policy': '"requests";q=60;w=6',
    ratelimit: '"requests";r=0;t=1',
  });
  expect((await ask(host, { path: '/api/session', headers: bearer(keys.reader) })).status).toBe(200);
});

test('many keys that are none, from one address: 429; a good key still works', async () => {
  const guess = (): Promise<Answered> =>
    ask(host, { path: '/api/session', headers: bearer(makeKey().text), from: '127.0.0.77' });
  const answers = await Promise.all(Array.from({ length: 40 }, guess));
  expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(10);
  expect((await ask(host, { path: '/api/session', headers: bearer(keys.reader), from: '127.0.0.77' })).status).toBe(
    200,
  );
});

test('a session: signed in once, no script reads the cookie, signed out for good', async () => {
  const headers = { 'content-type': 'application/json' };
  const signedIn = await ask(host, {
    method: 'POST',
    path: '/herd/api/session',
    headers,
    body: JSON.stringify({ key: keys.office }),
  });
  const [cookie = ''] = signedIn.headers['set-cookie'] ?? [];
  const { port } = new URL(host.url);
  expect(cookie).toMatch(
    new RegExp(`^hoofprint-${port}-herd=[\\w-]{43}; Path=/herd/; Max-Age=43200; HttpOnly; SameSite=Strict$`),
  );
  expect(JSON.parse(signedIn.text)).toEqual({
    key: keys.office!.slice(3, 11),
    owner: 'Ranch office',
    scopes: ['read', 'exports'],
  });
  const session = { cookie: cookie.split(';')[0]! };
  expect((await ask(host, { ...POST, headers: session })).status).toBe(202);
  const signedOut = await ask(host, { method: 'DELETE', path: '/api/session', headers: session });
  expect([signedOut.status, signedOut.headers['clear-site-data']]).toEqual([204, '"cache", "cookies", "storage"']);
  expect((await ask(host, { ...POST, headers: session })).text).toMatch(/The session is over/);
});

test('behind a proxy that is trusted: the cookie stays behind TLS, and the token of this machine is not taken', async () => {
  const forwarded = {
    'x-forwarded-for': '127.0.0.88',
    'x-forwarded-proto': 'https',
    'content-type': 'application/json',
  };
  const body = JSON.stringify({ key: keys.office });
  const { headers } = await ask(host, {
    method: 'POST',
    path: '/api/session',
    headers: forwarded,
    body,
    from: '127.0.0.9',
  });
  expect(headers['set-cookie']?.[0]).toMatch(/; Secure$/);
  const machine = JSON.parse(readFileSync(join(folder, 'host/secrets.json'), 'utf8')) as { token: string };
  // The token is for programs of this machine: not for what a proxy brings from elsewhere.
  expect((await ask(host, { path: '/api/session', headers: bearer(machine.token) })).status).toBe(200);
  const brought = { ...bearer(machine.token), 'x-forwarded-for': 'fd00::5' };
  expect((await ask(host, { path: '/api/session', headers: brought, from: '127.0.0.9' })).status).toBe(401);
});

test('a base path: addresses bear it, and paths are taken with it and without', async () => {
  for (const base of ['', '/herd']) {
    const { status, headers, text } = await ask(host, {
      ...POST,
      path: `${base}/api/exports/pdf`,
      headers: bearer(keys.office),
    });
    const { status_url, job_id } = JSON.parse(text) as { status_url: string; job_id: string };
    expect([status, status_url, headers.location]).toEqual([202, `/herd/api/exports/pdf/${job_id}`, status_url]);
    const done = await until('the report', async () => {
      const read = JSON.parse((await ask(host, { path: status_url, headers: bearer(keys.office) })).text) as Record<
        string,
        string
      >;
      return read.status === 'completed' ? read : undefined;
    });
    expect(done.download_url).toBe(`/herd/api/static/exports/${done.filename}`);
    for (const path of [done.download_url!, done.download_url!.slice('/herd'.length)])
      expect((await ask(host, { path, headers: bearer(keys.office) })).status).toBe(200);
  }
});

test('no key, no session and no token is in a log', () => {
  for (const name of served) {
    const log = logOf(name);
    expect(log).not.toMatch(/hp_[0-9A-Za-z]{8}/);
    expect(log).not.toContain(JSON.parse(readFileSync(join(folder, name, 'secrets.json'), 'utf8')).token);
    expect(log).toMatch(/"key":"[0-9A-Za-z]{8}"/);
  }
});

test('without a key it does not start where others can call it, and says what to type', async () => {
  const [http, lambda] = await freePorts(2);
  const ports = { HOOFPRINT_HTTP_PORT: String(http), HOOFPRINT_LAMBDA_PORT: String(lambda) };
  const none = { KEYS_FILE: join(folder, 'none.json'), HOOFPRINT_HOST: '127.0.0.2' };
  const env = { ...plain(), ...tenant.environment, ...ports, ...none };
  await refused(
    start(env),
    /requests need a key because it listens on 127\.0\.0\.2, and there is none\. Type: npm run keys -- create --owner "Ranch office" --scopes read,exports/,
  );
});

test('on loopback it is open, until somebody makes a key', async () => {
  const own = await migratedDatabase();
  const open = await startOne('open', { KEYS_FILE: '', DATABASE_URL: own.url });
  try {
    expect((await ask(open, POST)).status).toBe(202);
    expect(JSON.parse((await ask(open, { path: '/api/session' })).text)).toMatchObject({ key: 'local' });
    const key = makeKey();
    const database = postgres({ url: own.url });
    await database.write((queries) =>
      insertKey(queries, { key, owner: 'Office', scopes: ['exports'], expiresAt: undefined }),
    );
    await until('keys are needed', async () => ((await ask(open, POST)).status === 401 ? true : undefined), 20_000);
    expect((await ask(open, { ...POST, headers: bearer(key.text) })).status).toBe(202);
    await until('the audit', async () => {
      const rows = await database.read((queries) => queries.rows('SELECT key_prefix, owner, act FROM hoofprint_audit'));
      return rows.length === 1
        ? (expect(rows[0]).toEqual({ key_prefix: key.prefix, owner: 'Office', act: 'export requested' }) ?? true)
        : undefined;
    });
    await database.close();
    expect(logOf('open')).toContain('open to every user of this machine');
  } finally {
    await open.kill();
    await own.close();
  }
}, 90_000);
