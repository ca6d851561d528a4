// Everything else: 404 without a list of what there is.
import { Fault } from '../lib/errors.ts';
import { http } from '../lib/lambda/http.ts';
import { corsOrigin } from '../lib/wiring.ts';

export const handler = http({ corsOrigin }, () => {
  throw new Fault('not-found', 'Not found');
});
