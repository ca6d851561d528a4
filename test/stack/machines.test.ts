// What runs on several machines: Dockerfile, compose.yaml, units of systemd and a proxy. No Docker
// engine is used: what they say is held to rules.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { BODY_LIMIT } from '../../lib/lambda/body.ts';
import { readChoice } from '../../localstack/host/role.ts';
import { SERVICE_VARIABLES } from '../../localstack/stack/environment.ts';
import { PROJECT } from '../../localstack/stack/folder.ts';
import { ACCOUNT, BUCKET, QUEUES } from '../../localstack/stack/resources.ts';

const text = (path: string): string => readFileSync(join(PROJECT, path), 'utf8');

interface Container {
  command?: string[];
  environment: Record<string, string>;
  depends_on: Record<string, { condition: string }>;
  ports?: string[];
  profiles?: string[];
  build?: { context: string; dockerfile: string };
  init?: boolean;
  stop_grace_period?: string;
}
const compose = parse(text('localstack/compose.yaml'), { merge: true }) as {
  services: Record<string, Container>;
  volumes: Record<string, unknown>;
};
const dockerfile = text('localstack/Dockerfile');

/** The options of `scripts/start.ts` in words of a command line. */
function readOptions(words: readonly string[]): Record<string, string> {
  const after = words.slice(words.indexOf('scripts/start.ts') + 1);
  expect(words).toContain('scripts/start.ts');
  const pairs = Array.from({ length: after.length / 2 }, (_, at) => after.slice(2 * at, 2 * at + 2));
  return Object.fromEntries(pairs.map(([name, value]) => [name!.replace(/^--/, ''), value!]));
}

test('compose.yaml starts an API and workers, after the engines and the tables are there', () => {
  const { api, worker, migrate } = compose.services as Record<'api' | 'worker' | 'migrate', Container>;
  expect(readChoice(readOptions(api.command!)).role).toBe('api');
  expect(readChoice(readOptions(worker.command!))).toEqual({ role: 'worker', concurrency: 2 });
  for (const container of [api, worker]) {
    expect(Object.keys(container.depends_on).sort()).toEqual(['migrate', 'postgres', 'redis', 's3', 'sqs']);
    expect(container.depends_on.migrate).toEqual({ condition: 'service_completed_successfully' });
    expect([container.init, container.stop_grace_period]).toEqual([true, '30s']);
  }
  // The engines alone start without them.
  const plain = Object.entries(compose.services).filter(([, { profiles }]) => profiles === undefined);
  expect(plain.map(([name]) => name)).toEqual(['postgres', 'redis', 'sqs', 's3']);
  expect(migrate.command).toEqual(['scripts/migrate.ts']);
  expect(worker.ports).toBeUndefined();
  const named = Object.values(compose.services).flatMap((service) => (service as { volumes?: string[] }).volumes ?? []);
  for (const volume of named.filter((one) => /^[a-z0-9]+:/.test(one)))
    expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0]);
});

test('each machine of compose.yaml names every service, and where the pictures are', () => {
  for (const name of ['api', 'worker']) {
    const { environment } = compose.services[name]!;
    for (const service of ['postgres', 'redis', 'sqs', 's3'] as const)
      expect([name, service, SERVICE_VARIABLES[service].some((variable) => environment[variable])]).toEqual([
        name,
        service,
        true,
      ]);
    for (const [variable, queue] of [
      ['EXPORTS_QUEUE_URL', QUEUES.exports],
      ['EXPORTS_DEAD_QUEUE_URL', QUEUES.dead],
      ['EXPORTS_PARKED_QUEUE_URL', QUEUES.parked],
    ] as const)
      expect(environment[variable]).toBe(`http://sqs:9324/${ACCOUNT}/${queue}`);
    expect([environment.EXPORTS_BUCKET, environment.IMAGE_ROOT]).toEqual([BUCKET, '/images']);
  }
});

test('the Dockerfile: a pinned image of the Node that is used here, no root, no data or secrets', () => {
  const { devDependencies } = JSON.parse(text('package.json')) as { devDependencies: Record<string, string> };
  expect(dockerfile).toContain(`FROM node:${devDependencies.node}-bookworm-slim\n`);
  expect(dockerfile).toMatch(/^USER node$/m);
  expect(dockerfile.indexOf('COPY . .')).toBeGreaterThan(dockerfile.indexOf('npm ci'));
  const [, entry = '[]'] = /^ENTRYPOINT (.*)$/m.exec(dockerfile) ?? [];
  const [, command = '[]'] = /^CMD (.*)$/m.exec(dockerfile) ?? [];
  const words = [...(JSON.parse(entry) as string[]), ...(JSON.parse(command) as string[])];
  expect(readChoice(readOptions(words)).role).toBe('api');
  // As npm start does.
  const flags = words.filter((word) => word.startsWith('--') && word !== '--role');
  for (const flag of flags) expect(JSON.parse(text('package.json')).scripts.start).toContain(flag);
  const ignored = text('localstack/Dockerfile.dockerignore').split('\n');
  for (const name of ['.data', '.git', 'node_modules', 'test', '**/.env*']) expect(ignored).toContain(name);
  expect(compose.services.api!.build).toEqual({ context: '..', dockerfile: 'localstack/Dockerfile' });
});

const UNITS = [
  ['hoofprint-api.service', 'hoofprint-api.service', 'api'],
  ['hoofprint-worker@.service', 'hoofprint-worker@8003.service', 'worker'],
] as const;

test.each(UNITS)('%s', (file, instance, role) => {
  const unit = text(`localstack/systemd/${file}`);
  const [, started = ''] = /^ExecStart=(.*)$/m.exec(unit) ?? [];
  const { port, ...options } = readOptions(started.split(' '));
  expect(readChoice(options).role).toBe(role);
  expect(port).toBe(role === 'api' ? '8001' : '%i');
  // 20 s are for running work; after that it would be killed.
  expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThan(20);
  expect(unit).toMatch(/^KillMode=mixed$/m);
  if (spawnSync('systemd-analyze', ['--version']).status !== 0) return;
  // Its program is where it is here.
  const folder = mkdtempSync(join(tmpdir(), 'hoofprint-unit-'));
  const path = join(folder, instance);
  writeFileSync(path, unit.replaceAll('/opt/hoofprint/node_modules/.bin/node', process.execPath));
  const { stderr, status } = spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  expect([status, stderr.split('\n').filter((line) => line.includes('hoofprint'))]).toEqual([0, []]);
});

test('the example of an environment names every service and the pictures', () => {
  const lines = text('localstack/systemd/environment.example').matchAll(/^(\w+)=(.*)$/gm);
  const environment = Object.fromEntries([...lines].map(([, name, value]) => [name!, value!]));
  for (const service of ['postgres', 'redis', 'sqs', 's3'] as const)
    expect(SERVICE_VARIABLES[service].some((variable) => environment[variable])).toBe(true);
  expect(environment.IMAGE_ROOT).toMatch(/^\//);
});

test('the proxy sets what it forwards itself, does not store streams, and keeps the bound of a body', () => {
  const conf = text('localstack/proxy/nginx.conf');
  const locations = [...conf.matchAll(/location [^{]*\{[^}]*proxy_pass[^}]*\}/g)].map(([found]) => found);
  expect(locations).toHaveLength(2);
  for (const location of locations)
    for (const line of [
      'proxy_set_header X-Forwarded-For $remote_addr;',
      'proxy_set_header X-Forwarded-Proto $scheme;',
      'proxy_set_header Forwarded "";',
      'proxy_set_header Host $host;',
      'proxy_buffering off;',
    ])
      expect(location).toContain(line);
  expect(conf).toContain(`client_max_body_size ${BODY_LIMIT / 1_024}k;`);
  expect(conf.split('{').length).toBe(conf.split('}').length);
  expect(existsSync(join(PROJECT, 'localstack/proxy/nginx.conf'))).toBe(true);
});
