// GET /api/imports/{id}/parts: what has arrived of an upload.
import { access, quickFiles, viewer } from '../lib/clients.ts';
import { findUpload, listParts, PART_BYTES } from '../lib/exports/import/uploads.ts';
import { http } from '../lib/lambda/http.ts';

export const handler = http({ access, scope: 'read' }, async ({ path, admission }) => {
  const { id, name, bytes } = await findUpload(quickFiles(), path.id, viewer(admission));
  return { status: 200, body: { id, name, bytes, part_bytes: PART_BYTES, parts: await listParts(quickFiles(), id) } };
});
