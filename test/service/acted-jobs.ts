// Jobs of the host that test files share, acted on as a consumer would, so that each change has its
// time; and a client of that host.
import { randomUUID } from 'node:crypto';
import type { JobIdentity } from '../../lib/exports/job/jobs.ts';
import { testPorts } from '../support/ports.ts';
import { type Answer, ask } from '../support/surface.ts';

export const url = process.env.HOOFPRINT_TEST_SERVICE!;
export const ports = testPorts();

const identity = (): JobIdentity => ({
  job_id: randomUUID(),
  kind: 'pdf',
  created_at: new Date().toISOString(),
  digest: 'a'.repeat(64),
});
/** A job that is being worked on. */
export async function makeJob(): Promise<{ id: string; path: string; run: string }> {
  const job = identity();
  await ports.jobs.create(job);
  const { record } = await ports.jobs.begin(job);
  return { id: job.job_id, path: `/api/exports/pdf/${job.job_id}`, run: record!.run };
}
export const get = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(url, { method: 'GET', path, headers });
export const json = ({ text }: Answer) => JSON.parse(text);
