// PUT /api/imports/{id}/{n}: a part of an upload is kept; sent again, it takes its own place.
import { access, partFiles, viewer } from '../lib/clients.ts';
import { findUpload, keepPart, PART_BYTES } from '../lib/exports/import/uploads.ts';
import { bytesBody } from '../lib/lambda/bytes.ts';
import { soonOrHeld } from '../lib/lambda/held.ts';
import { http } from '../lib/lambda/http.ts';

const options = { access, scope: 'import', body: bytesBody(PART_BYTES) } as const;
export const handler = http(options, ({ body, path, admission }) => {
  const keep = async () => {
    await keepPart(partFiles(), await findUpload(partFiles(), path.id, viewer(admission)), path.n, body);
    return { status: 204 };
  };
  return soonOrHeld(keep());
});
