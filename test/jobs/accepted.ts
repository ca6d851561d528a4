// Jobs on the suite's real services, one renderer each; what a test opens is closed after it.
import { createHash, randomUUID } from 'node:crypto';
import { openDownload } from '../../lib/exports/job/download.ts';
import { type ExportMessage, identifyJob } from '../../lib/exports/job/message.ts';
import { fileName } from '../../lib/exports/job/paths.ts';
import type { PdfRequest } from '../../lib/exports/pdf/request.ts';
import type { Renderer } from '../../lib/exports/shared/renderer.ts';
import { aMessage, aRequest, EVERYONE, type TestPorts, testPorts } from '../support/ports.ts';
import { ownQueues, take } from '../support/queues.ts';
import { readStatus } from '../support/status.ts';

await ownQueues();

const opened: TestPorts[] = [];
export const portsWith = (
  renderer?: Renderer<PdfRequest>,
  limits?: { ttlSeconds: number; retentionSeconds: number },
): TestPorts => {
  const ports = testPorts(renderer, limits);
  opened.push(ports);
  return ports;
};
export async function closeAll(): Promise<void> {
  await Promise.all(opened.splice(0).map((ports) => ports.close()));
  await take(process.env.EXPORTS_PARKED_QUEUE_URL!);
}

export const never = new AbortController().signal;
export async function accepted(ports: TestPorts, fields: Partial<ExportMessage> = {}): Promise<ExportMessage> {
  const message = aMessage(randomUUID(), fields);
  // No person waits here: a busy machine may take its time.
  await ports.jobs.create(identifyJob(message), 30_000);
  return message;
}
export const status = (ports: TestPorts, { job_id }: ExportMessage) => readStatus(ports, 'pdf', job_id, EVERYONE);

export async function expectSound(ports: TestPorts, message: ExportMessage, content?: string): Promise<void> {
  const answered = await status(ports, message);
  expect(answered).toMatchObject({
    status: 'completed',
    progress: 100,
    filename: fileName('pdf', aRequest, message.job_id),
  });
  const { bytes } = await openDownload(ports, answered.filename, EVERYONE);
  expect(createHash('sha256').update(bytes!).digest('hex')).toBe(answered.sha256);
  expect(answered.file_size_bytes).toBe(bytes!.length);
  if (content !== undefined) expect(bytes!.toString()).toBe(content);
  expect(await ports.stored(message.job_id)).toHaveLength(1);
}
