// Everything else: 405 for a path that takes other methods, 404 without a list of what there is.
import { openAccess } from '../lib/clients.ts';
import { Fault } from '../lib/errors.ts';
import { http } from '../lib/lambda/http.ts';
import { findMethods } from '../lib/routes.ts';

export const handler = http({ access: openAccess }, ({ rawPath }) => {
  const methods = findMethods(rawPath);
  if (methods.length === 0) throw new Fault('not-found', 'Not found');
  const headers = { 'content-type': 'application/problem+json', allow: methods.join(', ') };
  return { status: 405, headers, body: { detail: 'Method not allowed' } };
});
