// POST /api/imports/{id}: a job imports what was uploaded, if it is whole.
import { access, quickFiles, viewer } from '../lib/clients.ts';
import { accept } from '../lib/export-handlers.ts';
import { importKind } from '../lib/exports/import/kind.ts';
import { startContract } from '../lib/exports/import/request.ts';
import { checkWhole, findUpload } from '../lib/exports/import/uploads.ts';
import { jsonBody } from '../lib/lambda/body.ts';
import { http } from '../lib/lambda/http.ts';

const { kind, scope } = importKind;
const body = jsonBody(startContract, undefined, true);
export const handler = http({ access, scope, body, once: kind }, async (request) => {
  const upload = await findUpload(quickFiles(), request.path.id, viewer(request.admission));
  await checkWhole(quickFiles(), upload);
  const { id: upload_id, name, bytes } = upload;
  return accept(kind, { upload_id, name, bytes, ...request.body }, { check: async () => undefined }, request);
});
