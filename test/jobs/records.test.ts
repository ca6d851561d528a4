// Records as version 1 wrote them are read for ever; and this version still writes those fields.
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { openDownload } from '../../lib/exports/job/download.ts';
import { generateExport } from '../../lib/exports/job/generate.ts';
import type { JobRecord } from '../../lib/exports/job/jobs.ts';
import { identifyJob } from '../../lib/exports/job/message.ts';
import { aMessage, EVERYONE, testPorts } from '../support/ports.ts';
import { readStatus } from '../support/status.ts';

interface Kept {
  state: string;
  job_id: string;
  record: JobRecord;
}
const kept = JSON.parse(readFileSync(new URL('../fixtures/records-v1.json', import.meta.url), 'utf8')) as Kept[];
const ports = testPorts();
afterAll(() => ports.close());
const put = ({ job_id, record }: Kept): Promise<unknown> =>
  ports.record("return redis.call('SET', KEYS[1], ARGV[1], 'EX', 3600)", job_id, JSON.stringify(record));

test.each(kept)('$state: the status is read', async (one) => {
  await put(one);
  const { status, progress, filename, download_url, error } = one.record;
  const read = readStatus(ports, one.record.kind, one.job_id, EVERYONE);
  if (status === 'cancelled') await expect(read).rejects.toMatchObject({ kind: 'not-found' });
  else if (status === 'processing') expect(await read).toMatchObject({ status: 'failed', error: 'waited too long' });
  else expect(await read).toMatchObject({ status, progress, filename, download_url, error });
});

test.each(kept.filter(({ record }) => record.status === 'processing'))(
  '$state: still processing while it is young',
  async (one) => {
    await put({ ...one, record: { ...one.record, created_ms: Date.now() - 1_000 } });
    expect(await readStatus(ports, one.record.kind, one.job_id, EVERYONE)).toMatchObject({
      status: 'processing',
      progress: one.record.progress,
    });
  },
);

test.each(kept.filter(({ record }) => record.status === 'completed'))('$state: the file is downloaded', async (one) => {
  const bytes = Buffer.from('fifteen bytes..');
  const record = { ...one.record, sha256: createHash('sha256').update(bytes).digest('hex') };
  await put({ ...one, record });
  await ports.files.put(record.object_key!, bytes, { contentType: 'application/pdf' });
  expect((await openDownload(ports, record.filename, EVERYONE)).bytes).toEqual(bytes);
});

test('this version writes every field that version 1 wrote', async () => {
  const message = aMessage(randomUUID());
  await ports.jobs.create(identifyJob(message));
  await generateExport(ports, message, new AbortController().signal);
  const written = JSON.parse(String(await ports.record("return redis.call('GET', KEYS[1])", message.job_id))) as object;
  const version1 = kept.find(({ state }) => state === 'completed pdf')!.record;
  expect(Object.keys(written)).toEqual(expect.arrayContaining(Object.keys(version1)));
});
