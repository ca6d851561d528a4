// GET /readyz: whether requests should be sent here: every store takes what it is given.
import { readiness, welcomingAccess } from '../lib/clients.ts';
import { http } from '../lib/lambda/http.ts';

export const handler = http({ access: welcomingAccess }, async ({ admission }) => {
  const { status, services } = await readiness().look();
  const mayKnow = admission !== undefined && admission.caller.scopes.length > 0;
  return { status: status === 'ready' ? 200 : 503, body: mayKnow ? { status, services } : { status } };
});
