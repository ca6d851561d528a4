// GET /assets/{name}: script, style and icon of the page.
import { openAccess } from '../lib/clients.ts';
import { http } from '../lib/lambda/http.ts';
import { assetAnswer } from '../lib/page/page.ts';

export const handler = http({ access: openAccess }, ({ path, headers }) => assetAnswer(path.name, headers));
