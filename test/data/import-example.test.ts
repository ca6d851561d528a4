// The official example package of Camtrap DP: its counts equal those of another reading of it, and
// a second import changes nothing.
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openImports } from './imports.ts';

let imports: Awaited<ReturnType<typeof openImports>>;
beforeAll(async () => {
  imports = await openImports();
});
afterAll(() => imports.close());

const data = resolve(process.env.HOOFPRINT_TEST_DATA ?? '../shared/data', 'camtrap-dp-example');
if (!existsSync(data))
  console.error(
    'TEST DATA ABSENT: the example package is not checked; set HOOFPRINT_TEST_DATA to the folder that holds camtrap-dp-example',
  );

const whenPresent = existsSync(data)
  ? describe
  : (name: string, _: () => void) => test(`${name}: ABSENT, not checked`, () => undefined);
whenPresent('the official example', () => {
  test('the counts by species equal those of another reading of observations.csv, and a second import changes nothing', async () => {
    const first = await imports.load(data);
    expect(first).toMatchObject({
      locations: { made: 4 },
      deployments: { made: 4 },
      images: { made: 423 },
      deer: { made: 0 },
      skipped: [],
    });
    const wanted = countAnother(readFileSync(join(data, 'observations.csv'), 'utf8'));
    const counted = await imports.rows<{ name: string; count: number }>(
      `SELECT d.classification AS name, count(*) AS count FROM detections d JOIN images i ON i.id = d.image_id JOIN locations l ON l.id = i.location_id
       WHERE l.name LIKE 'B\\_%' GROUP BY 1 ORDER BY 1`,
    );
    expect(Object.fromEntries(counted.map(({ name, count }) => [name, count]))).toEqual(wanted);
    expect(first.classes).toEqual(wanted);
    expect(first.observations).toEqual({
      animal: 366,
      blank: 115,
      human: 33,
      vehicle: 21,
      unknown: 13,
      unclassified: 1,
    });

    const before = await imports.everything();
    const second = await imports.load(data);
    for (const table of ['locations', 'deployments', 'images', 'detections'] as const) {
      expect(second[table]).toEqual({ made: 0, there: first[table].made });
    }
    expect(await imports.everything()).toEqual(before);
  });

  test('the ten image files are found with their sizes, the rest are URLs, and images of humans are marked', async () => {
    const [files] = await imports.rows(
      `SELECT count(*) FILTER (WHERE path LIKE $1 || '/media/%.JPG' AND width > 1000 AND height > 700) AS files,
      count(*) FILTER (WHERE path LIKE 'https://multimedia.agouti.eu/%' AND width IS NULL) AS urls, count(*) FILTER (WHERE contains_human) AS human
      FROM images`,
      [realpathSync(data)],
    );
    expect(files).toEqual({ files: 10, urls: 413, human: 33 });
    const [boxes] = await imports.rows(
      `SELECT count(bbox) AS pixels, count(bbox_relative) AS shares FROM detections WHERE bbox_relative IS NOT NULL`,
    );
    expect(boxes!.shares).toBeGreaterThan(0);
    const [span] = await imports.rows<{ first: Date; zones: string[] }>(
      `SELECT min(starts_at) AS first, array_agg(DISTINCT time_zone ORDER BY time_zone) AS zones FROM deployments WHERE camera_id IN ('320', '250', '303', '315')`,
    );
    expect(span).toEqual({ first: new Date('2020-05-30T04:57:37+02:00'), zones: ['+01:00', '+02:00'] });
  });
});

/**
 * Counts animals by the import rules in another way: a CSV reader by single characters, one pass
 * backwards over the events.
 */
function countAnother(text: string): Record<string, number> {
  const table: string[][] = [[]];
  let [cell, inside] = ['', false];
  for (const sign of text.replaceAll('\r', '')) {
    if (sign === '"') inside = !inside;
    else if (!inside && (sign === ',' || sign === '\n')) {
      table.at(-1)!.push(cell);
      cell = '';
      if (sign === '\n') table.push([]);
    } else cell += sign;
  }
  const [header, ...lines] = table.filter((line) => line.length > 1);
  const get = (line: string[], name: string): string => line[header!.indexOf(name)]!;
  const animals = lines.filter((line) => get(line, 'observationType') === 'animal');
  const counts: Record<string, number> = {};
  for (const line of animals) {
    const byEvent = get(line, 'observationLevel') === 'event';
    if (
      byEvent &&
      animals.some(
        (other) => get(other, 'observationLevel') === 'media' && get(other, 'eventID') === get(line, 'eventID'),
      )
    )
      continue;
    const name = get(line, 'scientificName');
    counts[name] = (counts[name] ?? 0) + Number(get(line, 'count'));
  }
  return counts;
}
