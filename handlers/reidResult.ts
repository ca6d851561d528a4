// GET /api/reid/{job_id}/result.json: what an analysis found, for programs.
import { partHandler } from '../lib/export-handlers.ts';

export const handler = partHandler('reid', 'result');
