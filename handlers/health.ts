// GET /health: whether PostgreSQL, Redis, SQS and S3 answer.

import { openAccess, pings } from '../lib/clients.ts';
import { checkHealth } from '../lib/health.ts';
import { http } from '../lib/lambda/http.ts';

export const handler = http({ access: openAccess }, async () => {
  const health = await checkHealth(pings());
  return { status: health.status === 'ok' ? 200 : 503, body: health };
});
