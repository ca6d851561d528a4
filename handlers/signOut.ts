// DELETE /api/session: the session of this browser ends.
import { signOut } from '../lib/access/sign-in.ts';
import { openAccess, sessionSettings, sessions } from '../lib/clients.ts';
import { http } from '../lib/lambda/http.ts';

export const handler = http({ access: openAccess }, async (request) => ({
  status: 204,
  headers: await signOut(sessions, request, sessionSettings()),
}));
