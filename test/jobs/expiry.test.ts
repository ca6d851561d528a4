// A finished export is there for EXPORT_TTL_SECONDS, and then it is gone: by the handlers, with six
// seconds for the hour.
import { randomUUID } from 'node:crypto';
import { aMessage } from '../support/ports.ts';

process.env.EXPORT_TTL_SECONDS = '6';
const { handler: generate } = await import('../../handlers/generateExport.ts');
const { handler: status } = await import('../../handlers/pdfExportStatus.ts');
const { handler: download } = await import('../../handlers/downloadExport.ts');
const { closeWiring } = await import('../../lib/clients.ts');
const { call, deliver } = await import('../support/invoke.ts');
const { until } = await import('../support/wait.ts');
afterAll(closeWiring);

test('after EXPORT_TTL_SECONDS status and download turn 404, each with its sentence', async () => {
  const message = aMessage(randomUUID());
  expect(await deliver(generate, [JSON.stringify(message)])).toEqual([]);
  const ofJob = (): ReturnType<typeof call> => call(status, { parameters: { job_id: message.job_id } });
  const done = await ofJob();
  expect([done.status, done.json.status]).toEqual([200, 'completed']);
  const file = (): ReturnType<typeof call> => call(download, { parameters: { filename: done.json.filename } });
  expect((await file()).bytes.subarray(0, 5).toString()).toBe('%PDF-');
  const gone = await until('expiry', async () => {
    const reply = await ofJob();
    return reply.status === 404 ? reply : undefined;
  });
  expect(gone.json).toEqual({ detail: 'Job not found or expired' });
  const after = await file();
  expect([after.status, after.json]).toEqual([404, { detail: 'File not found or expired' }]);
});
