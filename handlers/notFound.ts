// Everything else: 404 without a list of what there is.

import { corsOrigin } from '../lib/clients.ts';
import { Fault } from '../lib/errors.ts';
import { http } from '../lib/lambda/http.ts';

export const handler = http({ corsOrigin }, () => {
  throw new Fault('not-found', 'Not found');
});
