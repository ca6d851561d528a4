// What a page reads, over HTTP on the host.
import { readFileSync } from 'node:fs';
import { get, ports } from './acted-jobs.ts';

afterAll(() => ports.close());

test('the session says that there is a stream of events here', async () => {
  const { status, text } = await get('/api/session');
  expect([status, JSON.parse(text)]).toMatchObject([
    200,
    { event_stream: true, keys_required: false, time_zone: 'UTC' },
  ]);
});

test('the season and the names of the herd', async () => {
  const season = await get('/api/season?start_date=2023-09-01&end_date=2024-08-30');
  expect([season.status, season.headers['cache-control']]).toEqual([200, 'no-store']);
  const { numbers, cameras } = JSON.parse(season.text);
  expect(numbers.detections).toBeGreaterThan(1_500);
  expect(cameras.length).toBeGreaterThan(5);
  const refused = await get('/api/season?start_date=2023-09-01');
  expect([refused.status, refused.headers['content-type']]).toEqual([400, 'application/problem+json']);
  const names = await get('/api/names');
  expect([names.status, JSON.parse(names.text).deer.length]).toEqual([200, 20]);
});

test('the deer of the herd, and the sightings of one', async () => {
  const { status, text } = await get('/api/deer');
  const { deer } = JSON.parse(text);
  expect([status, deer.length]).toEqual([200, 20]);
  const first = await get(`/api/deer/${deer[0].deer_id}?limit=2`);
  const { events, by_hour, look_alikes, next } = JSON.parse(first.text);
  expect([first.status, events.length, by_hour.length, look_alikes.length]).toEqual([200, 2, 24, 5]);
  const second = JSON.parse((await get(`/api/deer/${deer[0].deer_id}?limit=2&before=${next}`)).text);
  expect(second.events[0].at < events[1].at).toBe(true);
});

test('pictures of the herd, which the process of the API does not decode', async () => {
  const { deer } = JSON.parse((await get('/api/deer')).text);
  const path = `/api/crops/${deer[0].best_detection_id}?size=200`;
  const { status, headers, bytes } = await get(path);
  expect([status, headers['content-type'], headers['cache-control']]).toEqual([
    ...[200, 'image/jpeg', 'private, max-age=300'],
  ]);
  expect([...bytes.subarray(0, 2)]).toEqual([0xff, 0xd8]);
  const again = await get(path, { 'if-none-match': String(headers.etag) });
  expect([again.status, again.bytes.length]).toEqual([304, 0]);
  const maps = readFileSync(`/proc/${process.env.HOOFPRINT_TEST_SERVICE_PID}/maps`, 'utf8');
  expect(maps).toContain('node');
  expect(maps).not.toMatch(/sharp|libvips/);
});
