// GET /api/static/exports/{filename}: the file itself, or the way to it when it is large or comes
// slowly.

import { access, downloadFiles, quickFiles, quickJobs, viewer } from '../lib/clients.ts';
import { downloadAnswer, openDownload } from '../lib/exports/job/download.ts';
import { parseFileName } from '../lib/exports/job/paths.ts';
import { http } from '../lib/lambda/http.ts';

export const handler = http(
  { access, scope: 'read', navigable: true, readJobId: ({ filename }) => parseFileName(filename)?.jobId },
  async ({ path, headers, admission, streams }) => {
    const ports = { jobs: quickJobs(), files: quickFiles(), ...(streams ? { streamed: downloadFiles() } : {}) };
    return downloadAnswer(await openDownload(ports, path.filename, viewer(admission)), headers);
  },
);
