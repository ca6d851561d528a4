// GET /api/deer: the known deer, with their sightings and best pictures.
import { access, clock, seasonPorts } from '../lib/clients.ts';
import { soonOrHeld } from '../lib/lambda/held.ts';
import { http } from '../lib/lambda/http.ts';
import { loadDeerView } from '../lib/overview/deer.ts';

export const handler = http({ access, scope: 'read' }, () =>
  soonOrHeld(loadDeerView(seasonPorts(), clock()).then((body) => ({ status: 200, body }))),
);
