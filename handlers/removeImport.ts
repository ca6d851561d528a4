// DELETE /api/imports/{id}: removes an upload with its parts.
import { access, audit, quickFiles, viewer } from '../lib/clients.ts';
import { findUpload, removeUpload } from '../lib/exports/import/uploads.ts';
import { http } from '../lib/lambda/http.ts';

export const handler = http({ access, scope: 'import' }, async ({ path, admission }) => {
  const { id } = await findUpload(quickFiles(), path.id, viewer(admission));
  await removeUpload(quickFiles(), id);
  audit()(admission?.caller, 'upload removed', id);
  return { status: 204 };
});
