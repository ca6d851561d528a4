// Started by somebody new, on a bad day: each refusal is a sentence that says what to type, with an
// exit code; nothing is a stack trace.
import { execFile } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { buildApp } from 'fauxqs';
import { malformed, variables } from '../../lib/config.ts';
import { PROJECT, stampFolder } from '../../localstack/stack/folder.ts';
import { openStack } from '../../localstack/stack/index.ts';
import { freePorts } from '../../localstack/stack/ports.ts';
import { keepEngine } from '../../localstack/stack/supervisor.ts';
import { runDoctor } from '../../scripts/doctor/doctor.ts';
import { ownDatabase } from '../support/database.ts';
import { endAll, freshFolder } from '../support/owners.ts';
import { outsideEnvironment } from '../support/services.ts';

const listening: Server[] = [];
afterAll(async () => {
  for (const server of listening) server.close();
  await endAll();
});

async function takenPort(): Promise<number> {
  const server = createServer();
  listening.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as { port: number }).port;
}

/** A person's environment: nothing of the suite's services. */
const plain = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => {
  const { PATH, HOME, TMPDIR } = outsideEnvironment();
  return {
    PATH,
    HOME,
    TMPDIR,
    HOOFPRINT_DATA: freshFolder(),
    HOOFPRINT_PORTS: 'free',
    HOOFPRINT_DEMO: '0',
    LOG_LEVEL: 'silent',
    ...more,
  };
};

function run(command: string, args: string[], env: NodeJS.ProcessEnv): Promise<{ failed: boolean; said: string }> {
  return new Promise((resolve) => {
    execFile(command, args, { cwd: PROJECT, env, timeout: 60_000, killSignal: 'SIGKILL' }, (error, stdout, stderr) =>
      resolve({ failed: error !== null && !error.killed, said: `${stdout}${stderr}` }),
    );
  });
}
const offline = (env: NodeJS.ProcessEnv): ReturnType<typeof run> =>
  run(process.execPath, ['node_modules/serverless/bin/serverless.js', 'offline'], env);

async function refused(attempt: ReturnType<typeof run>, ...sentences: RegExp[]): Promise<void> {
  const { failed, said } = await attempt;
  for (const sentence of sentences) expect(said.replace(/\s+/g, ' ')).toMatch(sentence);
  expect(said).not.toMatch(/\n\s+at /);
  expect(failed).toBe(true);
}
/** The sentence that opening a stack is refused with. */
const refusal = (env: NodeJS.ProcessEnv): Promise<string> =>
  openStack({ role: 'service', env, herd: false, say: () => undefined }).then(
    async (stack) => {
      await stack.close();
      return 'it started';
    },
    (error: Error) => `${error.name}: ${error.message}`,
  );

test('a taken port, and one that is none', async () => {
  const port = String(await takenPort());
  await Promise.all([
    refused(
      offline(plain({ HOOFPRINT_HTTP_PORT: port })),
      new RegExp(`port ${port} is in use.*npm run doctor.*HOOFPRINT_HTTP_PORT=\\d+ npm start`),
    ),
    refused(
      offline(plain({ HOOFPRINT_HTTP_PORT: '18951', HOOFPRINT_LAMBDA_PORT: '18951' })),
      /port 18951 cannot be both HOOFPRINT_HTTP_PORT and HOOFPRINT_LAMBDA_PORT; another one: HOOFPRINT_LAMBDA_PORT=19951 npm start/,
    ),
    refused(
      offline(plain({ HOOFPRINT_HTTP_PORT: 'abc' })),
      /HOOFPRINT_HTTP_PORT .* must be a port number from 1 to 65535, not "abc"/,
    ),
  ]);
}, 60_000);

test('the doctor tells of a port that is none, and of one port for two', async () => {
  const findings = async (ports: NodeJS.ProcessEnv): Promise<unknown[]> => runDoctor({ ...plain(), ...ports });
  const fails = (line: string): object => ({ state: 'fails', line });
  expect(await findings({ HOOFPRINT_HTTP_PORT: '99999' })).toContainEqual(
    fails('HOOFPRINT_HTTP_PORT must be a port number from 1 to 65535, not "99999"'),
  );
  expect(await findings({ HOOFPRINT_HTTP_PORT: '18951', HOOFPRINT_LAMBDA_PORT: '18951' })).toContainEqual(
    fails('HOOFPRINT_HTTP_PORT and HOOFPRINT_LAMBDA_PORT must be two ports'),
  );
});

test('a taken port of an engine: it takes another one', async () => {
  const wanted = await takenPort();
  const folder = join(freshFolder(), 'redis');
  const engine = await keepEngine({
    name: 'redis',
    folder,
    port: wanted,
    anyPort: true,
    settings: {},
    onGivenUp: () => undefined,
  });
  expect(engine.port).not.toBe(wanted);
  await engine.stop();
});

test('malformed variables are all told before anything starts, and by the doctor; secrets in them are not', async () => {
  const wrong = {
    DATABASE_URL: 'mysql://me:secret@127.0.0.1/deer',
    REDIS_URL: 'nonsense',
    AWS_ENDPOINT_URL_SQS: '',
    EXPORTS_QUEUE_URL: 'exports',
    TIME_ZONE: 'Nowhere/Land',
    EXPORT_TTL_SECONDS: '1h',
    REID_THRESHOLD: '70%',
    CAMTRAP_DP_PACKAGE: '[]',
    LOG_LEVEL: 'loud',
  };
  const env = plain(wrong);
  await refused(
    offline(env),
    /DATABASE_URL must be a URL such as postgres:\/\//,
    /TIME_ZONE must be an IANA time zone/,
    /EXPORT_TTL_SECONDS must be a whole number/,
  );
  expect(readdirSync(env.HOOFPRINT_DATA!)).toEqual([]);
  const told = malformed(wrong);
  expect(told.map((sentence) => sentence.split(' ')[0])).toEqual(
    variables.filter((name) => (wrong as Record<string, string>)[name]),
  );
  expect(told.join()).not.toContain('secret');
  const findings = await runDoctor({ ...plain(), TIME_ZONE: 'Nowhere/Land' });
  expect(findings).toContainEqual({
    state: 'fails',
    line: expect.stringMatching(/^TIME_ZONE must be .*Set it right, or unset it$/),
  });
}, 60_000);

/** The suite's services as ones outside: only what is left out has to start here. */
function outsideBut(...here: ('postgres' | 'redis' | 'aws')[]): NodeJS.ProcessEnv {
  const names = {
    postgres: ['DATABASE_URL'],
    redis: ['REDIS_URL'],
    aws: [
      ...[
        'AWS_ENDPOINT_URL_SQS',
        'AWS_ENDPOINT_URL_S3',
        'AWS_REGION',
        'AWS_ACCESS_KEY_ID',
        'AWS_SECRET_ACCESS_KEY',
        'EXPORTS_BUCKET',
      ],
      ...['EXPORTS_QUEUE_URL', 'EXPORTS_DEAD_QUEUE_URL', 'EXPORTS_PARKED_QUEUE_URL'],
    ],
  };
  const wanted = (['postgres', 'redis', 'aws'] as const)
    .filter((service) => !here.includes(service))
    .flatMap((service) => names[service]);
  return {
    IMAGE_ARCHIVE_URL: 'http://127.0.0.1:1',
    ...Object.fromEntries(wanted.map((name) => [name, process.env[name]])),
  };
}

test.each([
  [
    'postgres',
    { DATABASE_URL: 'postgres://u:p@127.0.0.1:1/deer' },
    /postgres \(chosen by DATABASE_URL\): .*ECONNREFUSED.*npm run doctor/,
  ],
  ['redis', { REDIS_URL: 'redis://127.0.0.1:1' }, /redis \(chosen by REDIS_URL\): .*ECONNREFUSED.*npm run doctor/],
  [
    'SQS',
    { AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:1' },
    /external SQS \(chosen by AWS_ENDPOINT_URL_SQS\) cannot be asked for the queue exports: .*ECONNREFUSED/,
  ],
])('%s outside that does not answer is named with its variable', async (_name, chosen, sentence) => {
  const { AWS_ENDPOINT_URL_SQS: _, ...unnamed } = outsideBut();
  const rest = 'AWS_ENDPOINT_URL_SQS' in chosen ? { ...unnamed, EXPORTS_QUEUE_URL: '' } : outsideBut();
  expect(await refusal(plain({ ...rest, ...chosen }))).toMatch(sentence);
});

test('an SQS without the queues, a database without tables and an S3 without the bucket: each is told with what to type', async () => {
  const bare = await ownDatabase();
  const empty = buildApp({ logger: false });
  try {
    const sqs = await empty.listen({ port: 0, host: '127.0.0.1' });
    const unnamed = { ...outsideBut(), AWS_ENDPOINT_URL_SQS: sqs, EXPORTS_DEAD_QUEUE_URL: '' };
    expect(await refusal(plain(unnamed))).toMatch(/has no queue exports-dead; make it or set EXPORTS_DEAD_QUEUE_URL/);
    const [httpPort, lambdaPort] = await freePorts(2);
    const ports = { HOOFPRINT_HTTP_PORT: String(httpPort), HOOFPRINT_LAMBDA_PORT: String(lambdaPort) };
    await refused(
      offline(plain({ ...outsideBut(), ...ports, DATABASE_URL: bare.url, EXPORTS_BUCKET: 'no-such-bucket' })),
      /database of DATABASE_URL has no table images, detections, locations, deer\. Type: npm run migrate/,
      /external S3 has no bucket no-such-bucket\. Make it .* or set EXPORTS_BUCKET/,
    );
  } finally {
    await empty.close();
    await bare.close();
  }
}, 60_000);

/** A folder whose keys, queues and files a service has used and left. */
async function used(): Promise<string> {
  const folder = freshFolder();
  const env = plain({ ...outsideBut('redis', 'aws'), HOOFPRINT_DATA: folder });
  const stack = await openStack({ role: 'service', env, herd: false, say: () => undefined });
  await stack.close();
  return folder;
}

test('a half-written data folder: what is damaged is named, with a way to keep it; what can be mended is', async () => {
  const good = await used();
  const damaged = async (
    what: RegExp,
    harm: (folder: string) => void,
    here: 'redis' | 'aws' = 'redis',
  ): Promise<void> => {
    const folder = freshFolder();
    for (const part of ['VERSION', here]) cpSync(join(good, part), join(folder, part), { recursive: true });
    harm(folder);
    const sentence = await refusal(plain({ ...outsideBut(here), HOOFPRINT_DATA: folder }));
    expect(sentence).toMatch(what);
    expect(sentence).toMatch(/^Fault: .*(mv |rm )/);
  };
  await damaged(/copied or removed in part/, (folder) => {
    rmSync(join(folder, 'VERSION'));
    mkdirSync(join(folder, 'postgres/cluster'), { recursive: true });
  });
  await damaged(/VERSION cannot be read/, (folder) => writeFileSync(join(folder, 'VERSION'), ''));
  await damaged(/was made by postgres 17/, (folder) =>
    writeFileSync(join(folder, 'VERSION'), '{"layout":1,"postgres":17,"valkey":9,"fauxqs":2}'),
  );
  const garbage = 'not a database, by a long way';
  await damaged(
    /the keys in \S+ cannot be opened.*rm -r \S+\/redis\)/,
    (folder) => writeFileSync(join(folder, 'redis/keys.db'), garbage),
    'redis',
  );
  await damaged(
    /the queues and files in \S+ cannot be opened.*rm -r \S+\/aws\)/,
    (folder) => writeFileSync(join(folder, 'aws/fauxqs.db'), garbage),
    'aws',
  );
  await damaged(/owner\.lock is damaged.*Type: rm \S+owner\.lock/, (folder) =>
    writeFileSync(join(folder, 'owner.lock'), 'not a lock, by a long way'),
  );

  // Left by a crash: a record and locks of a process that is gone, a database half made, a
  // half-written VERSION beside the right one.
  const left = good;
  writeFileSync(
    join(left, 'owner.json'),
    '{"pid":1,"role":"service","state":"ready","key":"x","address":"http://127.0.0.1:1"',
  );
  writeFileSync(join(left, 'VERSION.new'), '{"layo');
  mkdirSync(join(left, 'postgres/making/base'), { recursive: true });
  expect(await refusal(plain({ ...outsideBut('postgres'), HOOFPRINT_DATA: left }))).toBe('it started');
}, 120_000);

test('a data folder that is a file, lies under a file, or may not be written', async () => {
  const folder = freshFolder();
  writeFileSync(join(folder, 'file'), '');
  for (const path of [join(folder, 'file'), join(folder, 'file', 'below')])
    expect(await refusal(plain({ HOOFPRINT_DATA: path }))).toMatch(/^Fault: .* is not a folder\..*HOOFPRINT_DATA/);
  const barred = freshFolder();
  chmodSync(barred, 0o555);
  // Nobody is barred from anything as root; then the process is somebody else.
  const root = process.getuid?.() === 0;
  const script = ['node_modules/serverless/bin/serverless.js', 'offline'];
  const env = plain({ HOOFPRINT_DATA: join(barred, 'data') });
  if (!root)
    await refused(run(process.execPath, script, env), /cannot be written\. See whose it is \(ls -ld .*HOOFPRINT_DATA/);
  else if (existsSync('/usr/bin/setpriv'))
    await refused(
      run(
        '/usr/bin/setpriv',
        ['--reuid', '65534', '--clear-groups', process.execPath, 'scripts/import.ts', 'nothing'],
        env,
      ),
      /cannot be written\. See whose it is \(ls -ld .*HOOFPRINT_DATA/,
    );
}, 60_000);

test('a disk without room: said as such, and nobody is told to remove a database', async () => {
  const env = plain(outsideBut('postgres'));
  stampFolder(env.HOOFPRINT_DATA!);
  const shell = 'ulimit -f 4000; exec "$0" "$@"';
  const attempt = run('/bin/sh', ['-c', shell, process.execPath, 'scripts/import.ts', 'nothing'], env);
  await refused(attempt, /there is no room for .*df -h .*HOOFPRINT_DATA/);
  expect((await attempt).said).not.toMatch(/rm -r/);
}, 60_000);

test('a Node that is too old: setup says which is needed, and so does npx serverless', async () => {
  const folder = freshFolder();
  const pretend = (version: string): NodeJS.ProcessEnv => {
    const file = join(folder, `node-${version}.cjs`);
    writeFileSync(
      file,
      `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } }); Object.defineProperty(process, 'version', { value: 'v${version}' });`,
    );
    return plain({ NODE_OPTIONS: `--require ${file}` });
  };
  await Promise.all([
    refused(
      run(process.execPath, ['scripts/bootstrap.mjs'], pretend('18.20.0')),
      /needs Node 20 or newer .*this is v18\.20\.0.* Install Node 20\+/,
    ),
    refused(offline(pretend('20.19.5')), /needs Node 22\.18 or newer here \(this is v20\.19\.5\)\. Run: npm run setup/),
  ]);
}, 60_000);
