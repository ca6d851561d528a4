// POST /api/session: a browser signs in with a key once.
import { signIn, signInContract } from '../lib/access/sign-in.ts';
import { guard, isKeyRequired, openAccess, sessionSettings, sessions } from '../lib/clients.ts';
import { jsonBody } from '../lib/lambda/body.ts';
import { http } from '../lib/lambda/http.ts';

export const handler = http({ access: openAccess, body: jsonBody(signInContract) }, async (request) => {
  const ports = { guard: guard(), sessions: sessions(), isRequired: isKeyRequired() };
  const { info, cookie } = await signIn(ports, request, sessionSettings());
  return { status: 200, body: info, headers: { 'set-cookie': cookie } };
});
