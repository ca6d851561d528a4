// A job whose kind has two files: a page and its result are stored together, named by the record,
// shown, swept and removed together.
import { createHash, randomUUID } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { Fault } from '../../lib/errors.ts';
import { downloadAnswer, openPart } from '../../lib/exports/job/download.ts';
import { generateExport } from '../../lib/exports/job/generate.ts';
import { type ExportMessage, identifyJob } from '../../lib/exports/job/message.ts';
import { takesGzip } from '../../lib/exports/job/packed.ts';
import { cancelExport } from '../../lib/exports/job/status.ts';
import { sweepExports } from '../../lib/exports/job/sweep.ts';
import { type Analyze, reidRenderer } from '../../lib/exports/reid/renderer.ts';
import { EVERYONE, type TestPorts } from '../support/ports.ts';
import { readStatus } from '../support/status.ts';
import { closeAll, never, portsWith } from './accepted.ts';

afterEach(closeAll);

const POLICY = "default-src 'none'; script-src 'sha256-abc='";
const PAGE = `<!doctype html><meta http-equiv="Content-Security-Policy" content="${POLICY}"><p>deer</p>\n`;
const RESULT = { current_threshold: 0.7 };
const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');

function portsOf(analyze: Analyze = async () => ({ page: PAGE, result: RESULT })): TestPorts {
  const ports = portsWith();
  const reid = reidRenderer({
    ...{ scores: analyze, thresholds: analyze, plot: analyze, matching: analyze, survey: analyze },
  });
  return Object.assign(ports, { renderers: { ...ports.renderers, reid } });
}
async function ask(ports: TestPorts): Promise<ExportMessage> {
  const request = { analysis: 'thresholds', input: { thresholds: [0.7] } };
  const message: ExportMessage = {
    version: 1,
    job_id: randomUUID(),
    kind: 'reid',
    created_at: new Date().toISOString(),
    request,
  };
  await ports.jobs.create(identifyJob(message), 30_000);
  return message;
}
const status = (ports: TestPorts, { job_id }: ExportMessage) => readStatus(ports, 'reid', job_id, EVERYONE);
const open = (ports: TestPorts, { job_id }: ExportMessage, part: 'report' | 'result') =>
  openPart(ports, 'reid', part, job_id, EVERYONE);

test('both files are stored by one run, and the record names them with their checksums', async () => {
  const ports = portsOf();
  const message = await ask(ports);
  await generateExport(ports, message, never);
  const { job_id } = message;
  const { record } = await ports.jobs.read(job_id);
  const result = `${JSON.stringify(RESULT)}\n`;
  expect((await ports.stored(job_id)).sort()).toEqual([record!.object_key, record!.result_key].sort());
  expect(record).toMatchObject({
    ...{ object_key: `exports/${job_id}/${record!.run}/reid-analysis_${job_id}.html`, sha256: sha256(PAGE) },
    ...{ result_key: `exports/${job_id}/${record!.run}/result.json`, result_sha256: sha256(result) },
    ...{ file_size_bytes: PAGE.length, result_size_bytes: result.length, content_policy: POLICY },
  });
  expect(await status(ports, message)).toMatchObject({
    ...{ status: 'completed', report_url: `/api/reid/${job_id}/report`, result_url: `/api/reid/${job_id}/result.json` },
    result_sha256: sha256(result),
  });
  // As long as the record names them, the sweeper leaves both alone, however old they are.
  const later = new Date(Date.now() + 2 * 3_600_000);
  await sweepExports({ ...ports, clock: () => later });
  expect(await ports.stored(job_id)).toHaveLength(2);
});

test('a page is shown in a sandbox with the hashes of its scripts, the result as JSON', async () => {
  const ports = portsOf();
  const message = await ask(ports);
  await expect(open(ports, message, 'report')).rejects.toThrow('File not found or expired');
  await generateExport(ports, message, never);
  const page = await downloadAnswer(await open(ports, message, 'report'));
  expect([page.status, String(page.body), page.headers]).toEqual([
    200,
    PAGE,
    expect.objectContaining({
      'content-type': 'text/html; charset=utf-8',
      'content-disposition': `inline; filename="reid-analysis_${message.job_id}.html"`,
      'content-security-policy': `sandbox allow-scripts allow-downloads; ${POLICY}`,
      etag: `"${sha256(PAGE)}"`,
    }),
  ]);
  const result = await downloadAnswer(await open(ports, message, 'result'));
  expect([JSON.parse(String(result.body)), result.headers['content-type']]).toEqual([RESULT, 'application/json']);
  const stranger = { owner: 'Somebody else', seesAll: false };
  for (const part of ['report', 'result'] as const)
    await expect(openPart(ports, 'reid', part, message.job_id, stranger)).rejects.toThrow('File not found');
  await expect(openPart(ports, 'pdf', 'report', message.job_id, EVERYONE)).rejects.toThrow('File not found');
});

describe('a page that is larger than the answer of a function may be', () => {
  const huge = `${PAGE}${' '.repeat(5_000_000)}`;
  const makeHuge = async () => {
    const ports = portsOf(async () => ({ page: huge, result: RESULT }));
    const message = await ask(ports);
    await generateExport(ports, message, never);
    return { ports, message };
  };

  test('comes compressed, as it is shown, to those who take it so', async () => {
    const { ports, message } = await makeHuge();
    const page = await openPart(ports, 'reid', 'report', message.job_id, EVERYONE, true);
    const { status, headers, body } = await downloadAnswer(page, { range: 'bytes=0-9' });
    expect([status, gunzipSync(body as Buffer).toString() === huge]).toEqual([200, true]);
    expect(headers).toMatchObject({
      ...{ 'content-encoding': 'gzip', vary: 'accept-encoding', etag: `W/"${sha256(huge)}"` },
      'content-security-policy': `sandbox allow-scripts allow-downloads; ${POLICY}`,
      'content-disposition': expect.stringMatching(/^inline;/),
    });
    expect(headers).not.toHaveProperty('accept-ranges');
    const known = await downloadAnswer(page, { 'if-none-match': headers.etag });
    expect(known.status).toBe(304);
  });

  test('is a link for others, and a stream where there is one', async () => {
    const { ports, message } = await makeHuge();
    expect((await downloadAnswer(await open(ports, message, 'report'))).status).toBe(307);
    const streamed = { ...ports, streamed: ports.files };
    const page = await openPart(streamed, 'reid', 'report', message.job_id, EVERYONE, true);
    expect([page.packed, page.open]).toEqual([undefined, expect.any(Function)]);
  });
});

test.each([
  ['gzip', true],
  ['br, GZIP;q=0.5', true],
  ['deflate, gzip; q=1.0', true],
  ['gzip;q=0', false],
  ['gzip; q=0.000', false],
  ['br', false],
  ['x-gzip', false],
  ['', false],
  [undefined, false],
])('Accept-Encoding: %s takes gzip: %s', (header, isTaken) => {
  expect(takesGzip(header)).toBe(isTaken);
});

test('a run that lost its end finds both files, and makes them anew when one is lost', async () => {
  for (const isLost of [false, true]) {
    let made = 0;
    const ports = portsOf(async () => {
      made += 1;
      return { page: PAGE, result: RESULT };
    });
    const message = await ask(ports);
    const { complete } = ports.jobs;
    ports.jobs.complete = () => Promise.reject(new Error('killed'));
    await expect(generateExport(ports, message, never)).rejects.toThrow('killed');
    ports.jobs.complete = complete;
    const files = await ports.stored(message.job_id);
    expect(files).toHaveLength(2);
    if (isLost) await ports.files.remove(files.filter((key) => key.endsWith('result.json')));
    await generateExport(ports, message, never);
    expect([isLost, made]).toEqual([isLost, isLost ? 2 : 1]);
    const { record } = await ports.jobs.read(message.job_id);
    expect(record).toMatchObject({ status: 'completed', content_policy: POLICY, sha256: sha256(PAGE) });
    expect(String((await open(ports, message, 'result')).bytes)).toBe(`${JSON.stringify(RESULT)}\n`);
  }
});

test('cancelled, an analysis stops, and both files go', async () => {
  const ports = portsOf();
  const done = await ask(ports);
  await generateExport(ports, done, never);
  await cancelExport(ports, done.job_id, EVERYONE);
  expect(await ports.stored(done.job_id)).toEqual([]);
  let aborted: unknown;
  const slow = portsOf(
    (_input, { signal, progress }) =>
      new Promise((_resolve, reject) => {
        const timer = setInterval(() => progress(Math.min(99, (performance.now() / 100) % 100), 100), 50);
        signal.addEventListener('abort', () => {
          clearInterval(timer);
          aborted = signal.reason;
          reject(signal.reason);
        });
      }),
  );
  const message = await ask(slow);
  const run = generateExport(slow, message, never);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await cancelExport(slow, message.job_id, EVERYONE);
  await run;
  expect(String(aborted)).toMatch('the job has ended while it was being worked on');
  expect(await slow.stored(message.job_id)).toEqual([]);
}, 20_000);

test('to cancel, a key needs the scope of the kind', async () => {
  const ports = portsOf();
  const message = await ask(ports);
  const owner = { owner: undefined, seesAll: true };
  await expect(cancelExport(ports, message.job_id, owner, (scope) => scope === 'exports')).rejects.toMatchObject({
    kind: 'forbidden',
    message: 'This needs a key with the scope reid',
  });
  await cancelExport(ports, message.job_id, owner, (scope) => scope === 'reid');
});

test.each(['conflict', 'too-large', 'invalid'] as const)('what fails for good says why at once: %s', async (kind) => {
  const ports = portsOf(() => Promise.reject(new Fault(kind, 'the database has no stored scores')));
  const message = await ask(ports);
  await generateExport(ports, message, never);
  expect(await status(ports, message)).toMatchObject({ status: 'failed', error: 'the database has no stored scores' });
});
