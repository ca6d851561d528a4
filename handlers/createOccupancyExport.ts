// POST /api/exports/occupancy: a checked request is accepted and queued.
import { createExportHandler } from '../lib/export-handlers.ts';
import { occupancyContract } from '../lib/exports/occupancy/request.ts';

export const handler = createExportHandler(occupancyContract);
