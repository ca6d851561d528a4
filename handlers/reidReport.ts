// GET /api/reid/{job_id}/report: the page of an analysis, as a browser shows it.
import { partHandler } from '../lib/export-handlers.ts';

export const handler = partHandler('reid', 'report');
