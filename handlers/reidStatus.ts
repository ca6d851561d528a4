// GET /api/reid/{job_id}: how far the analysis is, and where to read it when it is done.
import { exportStatusHandler } from '../lib/export-handlers.ts';

export const handler = exportStatusHandler('reid');
