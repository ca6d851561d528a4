// GET /api/imports/{id}: how far an import is, and its summary when it is done.
import { exportStatusHandler } from '../lib/export-handlers.ts';

export const handler = exportStatusHandler('import');
