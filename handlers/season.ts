// GET /api/season: the numbers of a period, its cameras, and what needs attention.
import { access, clock, countParked, seasonPorts, today } from '../lib/clients.ts';
import { soonOrHeld } from '../lib/lambda/held.ts';
import { http } from '../lib/lambda/http.ts';
import { parkedAttention } from '../lib/overview/attention.ts';
import { readPeriod } from '../lib/overview/period.ts';
import { loadSeasonView } from '../lib/overview/season.ts';

export const handler = http({ access, scope: 'read' }, ({ query }) => {
  const period = readPeriod(query, today());
  const read = async () => {
    const [view, parked] = await Promise.all([loadSeasonView(seasonPorts(), period, clock()), countParked()]);
    return { status: 200, body: { ...view, attention: [...view.attention, ...parkedAttention(parked)] } };
  };
  return soonOrHeld(read());
});
