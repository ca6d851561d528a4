// GET /api/session: what a form has to know before it can help.
import { readFileSync } from 'node:fs';
import { handler } from '../../handlers/session.ts';
import { closeWiring } from '../../lib/clients.ts';
import { dayIn } from '../../lib/deer/calendar.ts';
import { VERSION } from '../../lib/version.ts';
import { call } from '../support/invoke.ts';

afterAll(closeWiring);

test('says today in its zone, what there is here, and what the rules of a form need', async () => {
  const { status, json } = await call(handler, { path: '/api/session' });
  expect(status).toBe(200);
  expect(json).toMatchObject({
    key: 'local',
    version: VERSION,
    today: dayIn(json.time_zone, new Date()),
    time_zone: 'UTC',
    // As on Lambda: no answer is a stream.
    event_stream: false,
    keys_required: false,
    limits: { most_days: 366, most_detections: 10_000, most_waiting_jobs: 50, most_alive_bytes: 2_000_000_000 },
  });
});

test('the version is that of package.json', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(VERSION).toBe(version);
});
