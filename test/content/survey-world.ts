// A small survey for the tests of the files that R reads: four stations, their cameras, named deer.
import type { ZipRequest } from '../../lib/exports/zip/request.ts';
import { type Changes, type Member, made, members } from './archive.ts';
import type { World } from './fixture.ts';

/** Ten days; the zone is six hours behind UTC in winter. */
export const SURVEY: ZipRequest = {
  ...{ start_date: '2024-01-01', end_date: '2024-01-10', group_by: 'day' },
  ...{ include_crops: false, include_camtrap_dp: false },
};

/** Local time of a day in January 2024. */
export const on = (day: number, time = '12:00:00'): string => `2024-01-${String(day).padStart(2, '0')}T${time}-06:00`;

/** Two stations in zone 14, one 400 m east of the edge of zone 15, one without coordinates. */
export const POINTS: Readonly<Record<string, [lon: number, lat: number]>> = {
  'North ridge': [-96.0312345, 30.1234567],
  South: [-96.0012345, 30.1034567],
  East: [-95.9958, 30.1134567],
};

/**
 * North ridge ran from before the period to noon of day 6, South on days 2 to 4 and 7 to 9 with one
 * camera and from day 5 on with a second one; East has images alone; West has no coordinates.
 */
export async function survey(earth: World): Promise<string[]> {
  await earth.deploy('North ridge', '2023-12-20T09:00:00-06:00', on(6, '12:00:00'), 'N1');
  await earth.deploy('South', on(2, '08:00:00'), on(4, '17:30:00'), 'S1');
  await earth.deploy('South', on(7, '08:00:00'), on(9, '10:00:00'), 'S1');
  await earth.deploy('South', on(5, '08:00:00'), null, null);
  await earth.deploy('West', on(1, '00:00:00'), on(3, '00:00:00'));
  const ids = await earth.add([
    { place: 'North ridge', at: on(1), class: 'buck', path: 'ridge/a.jpg' },
    { place: 'North ridge', at: on(1, '12:10:00'), class: 'buck', path: 'ridge/b.jpg' },
    { place: 'North ridge', at: on(1, '12:10:00'), class: 'buck', path: 'ridge/b.jpg' },
    { place: 'North ridge', at: on(3, '23:59:59'), class: 'buck', path: '/private/c.jpg' },
    { place: 'South', at: on(3), class: 'buck' },
    { place: 'South', at: on(8), class: 'unknown' },
    { place: 'South', at: on(6), class: 'doe', deer: 'Bella' },
    { place: 'East', at: on(4), class: 'fawn' },
    { place: 'East', at: on(7), class: 'raccoon' },
    { place: 'West', at: on(2), class: 'doe', deer: 'Bella' },
    // Not in the tables: without a location, while no camera was working, and not counted.
    { place: null, at: on(5), class: 'doe' },
    { place: 'North ridge', at: on(9), class: 'doe' },
    { place: 'South', at: on(8), class: 'doe', valid: false },
  ]);
  await earth.database.write(async (queries) => {
    for (const [name, [lon, lat]] of Object.entries(POINTS))
      await queries.rows('UPDATE locations SET coordinates = $2::jsonb WHERE name = $1', [
        name,
        JSON.stringify({ lat, lon }),
      ]);
    await queries.rows(`UPDATE locations SET description = 'oak' WHERE name = 'South'`);
    await queries.rows(
      `UPDATE deployments SET source_fields = '{"baitUse": true}' WHERE location_id = (SELECT id FROM locations WHERE name = 'South')`,
    );
  });
  return ids;
}

/** Verdicts of a roster by the index of their detection: an animal; null, nobody knows it. */
export async function roster(
  earth: World,
  ids: readonly string[],
  verdicts: Readonly<Record<number, string | null>>,
  at = '2024-02-01Z',
): Promise<void> {
  await earth.database.write(async (queries) => {
    for (const [index, identity] of Object.entries(verdicts))
      await queries.rows(
        `INSERT INTO reid_reviews (detection_id, identity, verdict, reviewer, reviewed_at, purpose) VALUES ($1, $2, $3, 'Ann', $4, 'roster')`,
        [ids[Number(index)], identity, identity === null ? 'unsure' : 'none', at],
      );
  });
}

/** Two animals of three: one of them at two stations. */
export const TWO = { 0: 'Old one', 2: '#2 / fork', 3: 'Old one', 4: 'Old one', 5: 'Late' } as const;

export const archiveOf = async (
  earth: World,
  request: Partial<ZipRequest> = {},
  work: Changes = {},
): Promise<Map<string, Member>> => members(await made(earth, { ...SURVEY, ...request }, work));

export const textOf = (found: Map<string, Member>, name: string): string => String(found.get(name)?.body);
/** README.txt as one line, so that a sentence is found wherever it is wrapped. */
export const readmeOf = (found: Map<string, Member>): string => textOf(found, 'README.txt').replace(/\s+/g, ' ');
