// POST /api/exports/pdf: a checked request is accepted and queued.
import { createExportHandler } from '../lib/export-handlers.ts';
import { pdfContract } from '../lib/exports/pdf/request.ts';

export const handler = createExportHandler(pdfContract);
