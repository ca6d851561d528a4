// POST /api/reid/scores: a checked input is accepted and queued.
import { createAnalysisHandler } from '../lib/export-handlers.ts';

export const handler = createAnalysisHandler('scores');
