// GET /api/names: classes, cameras and deer with their counts.
import { access, seasonPorts } from '../lib/clients.ts';
import { soonOrHeld } from '../lib/lambda/held.ts';
import { http } from '../lib/lambda/http.ts';
import { loadNamesView } from '../lib/overview/names.ts';

export const handler = http({ access, scope: 'read' }, () => {
  const { database, timeZone } = seasonPorts();
  return soonOrHeld(loadNamesView(database, timeZone).then((body) => ({ status: 200, body })));
});
