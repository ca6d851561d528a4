// GET /api/static/exports/{filename}: the file itself, or the way to it when it is large or comes
// slowly.

import { corsOrigin, quickFiles, quickJobs } from '../lib/clients.ts';
import { downloadAnswer, openDownload } from '../lib/exports/job/download.ts';
import { parseFileName } from '../lib/exports/job/paths.ts';
import { http } from '../lib/lambda/http.ts';

export const handler = http(
  { corsOrigin, readJobId: ({ filename }) => parseFileName(filename)?.jobId },
  async ({ path, headers }) => {
    const download = await openDownload({ jobs: quickJobs(), files: quickFiles() }, path.filename);
    return downloadAnswer(download, headers['if-none-match']);
  },
);
