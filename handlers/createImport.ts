// POST /api/imports: an upload begins, if what it brings could be imported.
import { access, audit, outerPath, quickFiles, quickStore, roomSettings } from '../lib/clients.ts';
import { uploadContract } from '../lib/exports/import/request.ts';
import { checkRoom } from '../lib/exports/import/room.ts';
import { beginUpload, PART_BYTES, UPLOAD_SECONDS } from '../lib/exports/import/uploads.ts';
import { jsonBody } from '../lib/lambda/body.ts';
import { http } from '../lib/lambda/http.ts';

const options = { access, scope: 'import', body: jsonBody(uploadContract), once: 'upload' } as const;
export const handler = http(options, async ({ body, admission, making }) => {
  await checkRoom(quickStore(), body.bytes, roomSettings());
  const { id } = await beginUpload(quickFiles(), body, admission?.caller.owner, making?.id);
  audit()(admission?.caller, 'upload begun', id);
  const location = outerPath(`/api/imports/${id}/parts`);
  const answer = { id, part_bytes: PART_BYTES, parts_url: location, expires_after_seconds: UPLOAD_SECONDS };
  return { status: 201, body: answer, headers: { location } };
});
