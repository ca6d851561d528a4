// GET /api/deer/{deer_id}: the sightings of one deer, and its look-alikes.
import { access, clock, seasonPorts } from '../lib/clients.ts';
import { soonOrHeld } from '../lib/lambda/held.ts';
import { http } from '../lib/lambda/http.ts';
import { loadOneDeer, readDeerQuery } from '../lib/overview/deer.ts';

export const handler = http({ access, scope: 'read' }, ({ path, query }) => {
  const deer = loadOneDeer(seasonPorts(), path.deer_id, readDeerQuery(query), clock());
  return soonOrHeld(deer.then((body) => ({ status: 200, body })));
});
