// GET /api/exports: the jobs of the caller, the newest first.
import { access, quickLists, viewer } from '../lib/clients.ts';
import { showEntry } from '../lib/export-handlers.ts';
import { listJobs } from '../lib/exports/job/pages.ts';
import { http } from '../lib/lambda/http.ts';

export const handler = http({ access, scope: 'read' }, async ({ query, admission }) => {
  const { jobs, next } = await listJobs(quickLists(), query, viewer(admission));
  return { status: 200, body: { exports: jobs.map(showEntry), next } };
});
