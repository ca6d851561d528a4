// GET /api/exports/occupancy/{job_id}: how far the export is, and where to fetch it when it is
// done.
import { exportStatusHandler } from '../lib/export-handlers.ts';

export const handler = exportStatusHandler('occupancy');
