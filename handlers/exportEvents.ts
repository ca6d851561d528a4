// GET /api/events: a stream of what happens to the jobs of the caller. Not on Lambda, nor on the
// emulator: their gateways pass no stream on.
import { access, changes, mayListen, quickLists, viewer } from '../lib/clients.ts';
import { showEntry } from '../lib/export-handlers.ts';
import { eventsAnswer } from '../lib/exports/job/events.ts';
import { http } from '../lib/lambda/http.ts';

export const handler = http({ access, scope: 'read' }, ({ headers, admission, streams }) =>
  eventsAnswer({ changes, lists: quickLists }, streams, {
    viewer: viewer(admission),
    lastEventId: headers['last-event-id'],
    mayListen: () => mayListen(admission),
    show: showEntry,
  }),
);
