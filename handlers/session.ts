// GET /api/session: who asks, and what he may do.
import { describeSession } from '../lib/access/sign-in.ts';
import { access } from '../lib/clients.ts';
import { http } from '../lib/lambda/http.ts';

export const handler = http({ access, scope: 'read' }, ({ admission }) => ({
  status: 200,
  body: describeSession(admission),
}));
