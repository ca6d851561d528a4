// POST /api/reid/survey: a checked input is accepted and queued.
import { createAnalysisHandler } from '../lib/export-handlers.ts';

export const handler = createAnalysisHandler('survey');
