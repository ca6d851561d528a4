// A small world whose database the handlers of the page read.
import type { HttpHandler } from '../../lib/lambda/http.ts';
import { world } from '../content/fixture.ts';
import { call, type Reply } from '../support/invoke.ts';

/** Before the handlers' clients are made, which are kept. */
export async function handledWorld() {
  const earth = await world();
  process.env.DATABASE_URL = earth.url;
  return earth;
}

/** @param query e.g. `start_date=2024-01-01&end_date=2024-01-31` */
export const read = (
  handler: HttpHandler,
  query = '',
  more: { parameters?: Record<string, string>; headers?: Record<string, string> } = {},
): Promise<Reply> =>
  call(
    (event, context) =>
      handler({ ...event, queryStringParameters: Object.fromEntries(new URLSearchParams(query)) }, context),
    more,
  );
