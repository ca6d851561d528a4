// GET /api/deer and /api/deer/{deer_id}: sightings, pages, pictures and look-alikes.
import { randomUUID } from 'node:crypto';
import { handler as list } from '../../handlers/deer.ts';
import { handler as one } from '../../handlers/oneDeer.ts';
import { closeWiring } from '../../lib/clients.ts';
import type { World } from '../content/fixture.ts';
import { handledWorld, read } from './fixture.ts';

let earth: World;
beforeAll(async () => {
  earth = await handledWorld();
});
afterAll(async () => {
  await closeWiring();
  await earth?.close();
});
afterEach(() => earth.clear());

const write = (sql: string, params: unknown[] = []) => earth.database.write(({ rows }) => rows(sql, params));
const minute = (n: number) => new Date(Date.parse('2024-01-10T08:00:00Z') + n * 60_000).toISOString();
const find = async (name: string) => {
  const { json } = await read(list);
  return json.deer.find((deer: { name: string }) => deer.name === name);
};
const look = async (name: string, query = '') => {
  const { deer_id } = await find(name);
  return (await read(one, query, { parameters: { deer_id } })).json;
};

test('an empty database has no deer', async () => {
  const { status, json } = await read(list);
  expect([status, json]).toEqual([200, { deer: [], unassigned: { events: 0, detections: 0 } }]);
});

test('events of a deer are those of a report; the unseen are listed, and what is assigned to none is counted', async () => {
  const ids = await earth.add([
    { at: minute(0), deer: 'Ada' },
    { at: minute(10) },
    { at: minute(15), deer: 'Ada', class: 'unknown' },
    { at: minute(45), deer: 'Ada', place: 'South' },
    { at: minute(46), deer: 'Bo', valid: false },
    { at: minute(300), deer: null, class: 'person' },
  ]);
  // As a database of others may have it.
  await write('ALTER TABLE deer ALTER COLUMN sex DROP NOT NULL');
  await write(`UPDATE deer SET sex = NULL WHERE name = 'Bo'`);
  await write('UPDATE detections SET confidence = 0.99 WHERE id = $1', [ids[2]]);
  const { json } = await read(list);
  expect(json.unassigned).toEqual({ events: 1, detections: 1 });
  expect(json.deer).toEqual([
    {
      ...{ deer_id: expect.any(String), name: 'Ada', sex: 'doe', events: 2, detections: 3, cameras: 2 },
      ...{ first_seen: minute(0), last_seen: minute(45), best_detection_id: ids[2] },
    },
    {
      ...{ deer_id: expect.any(String), name: 'Bo', sex: null, events: 0, detections: 0, cameras: 0 },
      ...{ first_seen: null, last_seen: null, best_detection_id: null },
    },
  ]);
});

test('no picture with a person is the best one, whatever its confidence, nor is one without a file', async () => {
  const [plain] = await earth.add([
    { at: minute(0), deer: 'Ada' },
    { at: minute(100), deer: 'Ada', path: 'with-ranger.jpg' },
    { at: minute(100), class: 'Ranger', path: 'with-ranger.jpg', valid: false },
    { at: minute(200), deer: 'Ada', path: 'camtrap-dp:p/event/1' },
  ]);
  await write('UPDATE detections SET confidence = 0.1 WHERE id = $1', [plain]);
  expect((await find('Ada')).best_detection_id).toBe(plain);
  const { events } = await look('Ada');
  const shown = events.map(({ at, detections }: { at: string; detections: { has_picture: boolean }[] }) => [
    at,
    detections.map(({ has_picture }) => has_picture),
  ]);
  expect(shown).toEqual([
    [minute(200), [false]],
    [minute(100), [false]],
    [minute(0), [true]],
  ]);
});

test('one deer: by camera, by hour, and event by event, page after page', async () => {
  const ids = await earth.add([
    { at: minute(0), deer: 'Ada' },
    { at: minute(20), deer: 'Ada', class: 'unknown' },
    { at: minute(60), deer: 'Ada', place: null },
    { at: minute(60), deer: 'Ada', place: 'South' },
    { at: minute(300), deer: 'Ada', place: 'South' },
    { at: minute(301), deer: 'Bo', place: 'South' },
  ]);
  const whole = await look('Ada');
  expect(whole.by_camera.map(({ name, events }: { name: string; events: number }) => [name, events])).toEqual([
    ['South', 2],
    ['North', 1],
    [null, 1],
  ]);
  expect(whole.by_hour.map((n: number, hour: number) => [hour, n]).filter(([, n]: number[]) => n)).toEqual([
    [8, 1],
    [9, 2],
    [13, 1],
  ]);
  expect(whole.next).toBeNull();
  expect(whole.events[3]).toEqual({
    ...{ at: minute(0), camera: 'North', detection_count: 2 },
    detections: [
      { detection_id: ids[0], classification: 'doe', has_picture: true },
      { detection_id: ids[1], classification: 'unknown', has_picture: true },
    ],
  });
  const paged = [];
  let query = 'limit=1';
  for (;;) {
    const { events, next } = await look('Ada', query);
    paged.push(...events);
    if (next === null) break;
    query = `limit=1&before=${next}`;
  }
  expect(paged).toEqual(whole.events);
});

test('look-alikes are of the same gate and version, the most similar first', async () => {
  const animal = (name: string, sex: string, version: string, ...vector: number[]) =>
    write(
      'INSERT INTO deer (id, name, sex, embedding_version, feature_vector) VALUES ($1, $2, $3, $4, $5::text::vector)',
      [randomUUID(), name, sex, version, `[${[...vector, ...new Array(512 - vector.length).fill(0)]}]`],
    );
  await animal('Ada', 'doe', 'v1', 1, 0);
  await animal('Near', 'doe', 'v1', 1, 0.1);
  await animal('Far', 'doe', 'v1', 0, 1);
  await animal('Unknown', 'unknown', 'v1', 4, 3);
  await animal('Buck', 'buck', 'v1', 1, 0);
  await animal('Elsewhere', 'doe', 'v2', 1, 0);
  const { look_alikes } = await look('Ada');
  expect(look_alikes.map(({ name, similarity }: { name: string; similarity: number }) => [name, similarity])).toEqual([
    ['Near', 0.995],
    ['Unknown', 0.8],
    ['Far', 0],
  ]);
  await earth.add([{ at: minute(0), deer: 'Plain' }]);
  expect((await look('Plain')).look_alikes).toEqual([]);
});

test.each([
  ['no id', 'x', '', 404, 'There is no such deer'],
  ['an id that is unknown', randomUUID(), '', 404, 'There is no such deer'],
  ['a limit', randomUUID(), 'limit=101', 400, 'limit must be a whole number from 1 to 100'],
  ['a page', randomUUID(), 'before=abc', 400, 'before must be the `next` of an earlier answer'],
])('%s is refused', async (_, deer_id, query, status, detail) => {
  const answer = await read(one, query, { parameters: { deer_id } });
  expect([answer.status, answer.json]).toEqual([status, { detail }]);
});
