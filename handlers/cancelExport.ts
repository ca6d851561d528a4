// DELETE /api/exports/{job_id}: cancels a job of any kind and removes its files.
import { isAllowed } from '../lib/access/scopes.ts';
import { access, audit, quickFiles, quickJobs, viewer } from '../lib/clients.ts';
import { CANCEL_SCOPES, cancelExport } from '../lib/exports/job/status.ts';
import { http } from '../lib/lambda/http.ts';

export const handler = http({ access, scope: CANCEL_SCOPES }, async ({ path, admission }) => {
  const { scopes = [] } = admission?.caller ?? {};
  const ports = { jobs: quickJobs(), files: quickFiles() };
  await cancelExport(ports, path.job_id, viewer(admission), (scope) => isAllowed(scopes, scope));
  audit()(admission?.caller, 'export cancelled', path.job_id ?? '');
  return { status: 204 };
});
