// docs/quickstart.md, block after block, against a running service.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { descriptorOf } from '../../lib/exports/zip/camtrap-dp/descriptor.ts';
import { freePorts } from '../../localstack/ports.ts';
import { type Service, startService } from '../../localstack/service.ts';
import { members } from '../content/archive.ts';
import { openServices, type Services } from '../support/services.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const text = (file: string): string => readFileSync(join(root, file), 'utf8');
const blocks = [...text('docs/quickstart.md').matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language, body]) => ({
  language,
  body: body!,
}));

let services: Services;
let service: Service;
const folder = mkdtempSync(join(tmpdir(), 'hoofprint-quickstart-'));

beforeAll(async () => {
  services = await openServices();
  const [httpPort, lambdaPort] = await freePorts(2);
  const env = { ...process.env, ...services.environment, HOOFPRINT_DATA: join(folder, 'data'), HOOFPRINT_PORTS: 'free' };
  service = await startService({ httpPort: httpPort!, lambdaPort: lambdaPort!, env });
  mkdirSync(join(folder, 'out'));
}, 120_000);
afterAll(async () => {
  await service?.stop();
  await services?.close();
  rmSync(folder, { recursive: true, force: true });
}, 120_000);

/** A block as it stands, with the test's port for 8001; its files land in the test's folder. */
const run = (block: string): string =>
  execFileSync('sh', ['-eu', '-c', block.replaceAll('http://localhost:8001', service.url)], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
  });
const out = (name: string): Buffer => readFileSync(join(folder, 'out', name));

/** What each block must leave or print, in the order of the page. */
const expected: [begins: string, check: (printed: string) => void | Promise<void>][] = [
  ['npm run setup', () => undefined],
  ['npm start', () => undefined],
  ['curl -s http://localhost:8001/health', (printed) => expect(JSON.parse(printed)).toMatchObject({ status: 'ok' })],
  ['mkdir -p out', (printed) => expect(JSON.parse(printed)).toMatchObject({ status: 'processing', expires_after_seconds: 3600 })],
  ['JOB=', (printed) => expect(JSON.parse(printed)).toMatchObject({ status: 'completed', progress: 100 })],
  ['FILE=', () => expect(out('report.pdf').subarray(0, 5).toString()).toBe('%PDF-')],
  ['JOB=', (printed) => expect(printed).toBe('204\n{"detail":"Job not found or expired"}')],
  ['curl -s -X POST', (printed) => expect(JSON.parse(printed)).toMatchObject({ status: 'processing' })],
  [
    'curl -s -X POST',
    async () => {
      const names = [...(await members(out('archive.zip'))).keys()];
      for (const name of [
        'README.txt',
        'metadata.csv',
        'summary_by_week.csv',
        'capture_history.csv',
        'camtrap-dp/datapackage.json',
        'manifest.json',
      ])
        expect(names).toContain(name);
    },
  ],
  ['curl -s -X POST', (printed) => expect(JSON.parse(printed).detail).toBe('start_date must be before end_date')],
  ['curl -s -X POST', (printed) => expect(JSON.parse(printed).detail).toBe('Date range cannot exceed 1 year')],
  ['curl -s -X POST', (printed) => expect(JSON.parse(printed).detail).toBe('group_by must be one of: day, week, month')],
];

test('the page has these blocks and no other', () => {
  expect(blocks.map(({ language }) => language)).toEqual(expected.map(() => 'sh'));
  expect(blocks.map(({ body }, n) => body.startsWith(expected[n]?.[0] ?? ''))).toEqual(expected.map(() => true));
});

// `npm test` has run setup already. Here it runs without a PATH to npm: it finds everything in place, or fails before it could change packages under
// running tests. Start is what startService() has run: the same command in its own process group.
test('setup has nothing left to do, and npm start is the service that the other blocks run against', () => {
  const { scripts } = JSON.parse(text('package.json')) as { scripts: Record<string, string> };
  expect(blocks.slice(0, 2).map(({ body }) => body)).toEqual(['npm run setup\n', 'npm start\n']);
  expect([scripts.setup, scripts.pretest, scripts.start]).toEqual([scripts.pretest, 'node scripts/bootstrap.mjs', 'serverless offline']);
  execFileSync(process.execPath, ['scripts/bootstrap.mjs'], { cwd: root, env: { PATH: '' }, timeout: 60_000 });
});

test.each(expected.map(([begins, check], n) => ({ n, begins, check })).slice(2))('block $n: $begins', async ({ n, check }) => {
  await check(run(blocks[n]!.body));
});

test('the example of docs/data-model.md supplies all that the tables cannot', () => {
  const [, example] = /^```json\n([\s\S]*?)^```$/m.exec(text('docs/data-model.md')) ?? [];
  const facts = {
    created: new Date(0),
    title: undefined,
    start: '2024-01-01',
    end: '2024-01-02',
    points: [[-90, 43] as [number, number]],
    taxa: [],
    id: undefined,
    named: false,
    individuals: [],
    levels: ['media' as const],
    temporal: { start: '2024-01-01', end: '2024-01-02' },
  };
  expect(descriptorOf(facts, JSON.parse(example ?? '')).missing).toEqual([]);
  expect(descriptorOf(facts, {}).missing).toContain('contributors');
});
