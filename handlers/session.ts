// GET /api/session: who asks, what he may do, and what a form has to know of this service.
import { describeSession } from '../lib/access/sign-in.ts';
import { access, circumstances } from '../lib/clients.ts';
import { http } from '../lib/lambda/http.ts';
import { describeService } from '../lib/overview/service.ts';

export const handler = http({ access, scope: 'read' }, ({ admission, streams }) => ({
  status: 200,
  body: { ...describeSession(admission), ...describeService(circumstances(streams)) },
}));
