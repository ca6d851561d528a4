// POST /api/reid/thresholds: a checked input is accepted and queued.
import { createAnalysisHandler } from '../lib/export-handlers.ts';

export const handler = createAnalysisHandler('thresholds');
