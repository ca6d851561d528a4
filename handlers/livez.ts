// GET /livez: this process answers. Nothing else is looked at.
import { openAccess } from '../lib/clients.ts';
import { http } from '../lib/lambda/http.ts';

export const handler = http({ access: openAccess }, () => ({ status: 200, body: { status: 'alive' } }));
