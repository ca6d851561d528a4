// POST /api/reid/matching: a checked input is accepted and queued.
import { createAnalysisHandler } from '../lib/export-handlers.ts';

export const handler = createAnalysisHandler('matching');
