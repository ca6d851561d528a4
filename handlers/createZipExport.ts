// POST /api/exports/zip: a checked request is accepted and queued.
import { createExportHandler } from '../lib/export-handlers.ts';
import { zipContract } from '../lib/exports/zip/request.ts';

export const handler = createExportHandler(zipContract);
