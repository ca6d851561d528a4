// Exports of the platform's own database as it is, in both of its states, without any migration:
// complete, and equal to SQL written apart.

import { buffer } from 'node:stream/consumers';
import { makeLocator } from '../../lib/deer/coordinates.ts';
import type { PdfRequest } from '../../lib/exports/pdf/request.ts';
import type { ZipRequest } from '../../lib/exports/zip/request.ts';
import { type Platform, platform, withPlatform } from '../support/platform.ts';
import { CREATED, type Member, manifestOf, members, table, ZONE, zipExport } from './archive.ts';
import { renderPdf, wordsOf } from './report.ts';

const SPAN = { start_date: '2023-09-01', end_date: '2024-08-30', group_by: 'month' } as const;

/** What of fill.sql the first state of the tables has no columns for. */
const WITHOUT_LATER = `ALTER TABLE images DROP COLUMN error_message;
  ALTER TABLE deer DROP COLUMN embedding_version, DROP COLUMN best_photo_id, DROP COLUMN feature_vector_multiscale, DROP COLUMN feature_vector_efficientnet;
  DROP TABLE reid_similarity_scores`;

withPlatform("the platform's own database", () => {
  let own: Platform;
  beforeAll(async () => {
    own = await platform();
  });
  afterAll(() => own?.close());

  const around = <Request>(request: Request) => ({
    jobId: 'a-job',
    request,
    createdAt: CREATED,
    timeZone: ZONE,
    database: own.database,
    images: { read: () => Promise.reject(new Error('no such file')) },
    progress: () => undefined,
    confirm: async () => undefined,
    locator: makeLocator('exact'),
    signal: new AbortController().signal,
  });
  const pdf = async (request: Partial<PdfRequest> = {}): Promise<Buffer> =>
    buffer((await renderPdf(around<PdfRequest>({ ...SPAN, ...request }))).body);
  const zip = async (request: ZipRequest = SPAN): Promise<Map<string, Member>> =>
    members(await buffer((await zipExport(around<ZipRequest>({ include_crops: false, ...request }))).body));
  const asked = async <T extends object>(sql: string): Promise<T[]> => own.database.read(({ rows }) => rows<T>(sql));

  const FINAL = "coalesce(nullif(d.corrected_classification, ''), d.classification)";
  const DEER = `${FINAL} IN ('buck', 'doe', 'fawn', 'mature', 'mid', 'young', 'unknown')`;
  const SOUND = `detections d JOIN images i ON i.id = d.image_id WHERE d.is_valid AND NOT d.is_duplicate
    AND (i.timestamp AT TIME ZONE '${ZONE}')::date BETWEEN '${SPAN.start_date}' AND '${SPAN.end_date}'`;

  const headline = async (): Promise<void> => {
    const [deer] = await asked<{ n: number; known: number; nowhere: number }>(
      `SELECT count(*) AS n, count(DISTINCT d.deer_id) AS known, count(*) FILTER (WHERE i.location_id IS NULL) AS nowhere FROM ${SOUND} AND ${DEER}`,
    );
    const others = await asked<{ name: string; n: number }>(
      `SELECT ${FINAL} AS name, count(*) AS n FROM ${SOUND} AND NOT ${DEER} GROUP BY 1 ORDER BY 2 DESC, 1`,
    );
    const [images] = await asked<{ n: number }>(
      `SELECT count(*) AS n FROM images WHERE location_id IS NULL AND (timestamp AT TIME ZONE '${ZONE}')::date BETWEEN '${SPAN.start_date}' AND '${SPAN.end_date}'`,
    );
    const page = wordsOf(await pdf());
    const said = (n: number): string => n.toLocaleString('en-US');
    expect(page).toContain(`${said(deer!.n)} deer detections`);
    expect(page).toContain(`${deer!.known} known deer`);
    expect(page).toContain(
      `Other animals, not included above: ${said(others.reduce((sum, { n }) => sum + n, 0))} detections in`,
    );
    expect(page).toContain(`(${others.map(({ name, n }) => `${name} ${said(n)}`).join(', ')}).`);
    expect(page).toContain(`(no location) ${images!.n} ${deer!.nowhere} `);
    expect(page).not.toMatch(/\u2026|[0-9a-f]{8}-[0-9a-f]{4}-/);
    expect(page.match(/deer 00\d\d /g)?.length).toBe(14);
  };

  test('a report counts deer, lists cattle, pigs and raccoons apart, and prints no UUID and no cut head', headline);

  test.each(['day', 'week', 'month'] as const)('by %s, with a comparison, every head is whole', async (group_by) => {
    const comparison_periods = [
      { start_date: '2023-09-01', end_date: '2023-11-30', label: 'Fall' },
      { start_date: '2023-12-01', end_date: '2024-02-29', label: 'Winter after a long and wet fall' },
    ];
    const page = wordsOf(await pdf({ group_by, report_type: 'comparison', comparison_periods }));
    expect(page).not.toContain('\u2026');
    expect(page).toContain('Other animals by period');
    expect(page).toContain('B Winter after a long and wet fall');
    expect(page.lastIndexOf('(no location)')).toBeGreaterThan(page.indexOf('Ridge'));
  });

  test('an archive by dates and one by ids hold what SQL counts, and one name for one species', async () => {
    const [all] = await asked<{ n: number }>(`SELECT count(*) AS n FROM ${SOUND}`);
    const found = await zip();
    expect(table(found, 'metadata.csv')).toHaveLength(all!.n);
    expect(table(found, 'summary_by_month.csv').reduce((sum, row) => sum + Number(row.detections), 0)).toBe(all!.n);
    const names = new Set(table(found, 'camtrap-dp/observations.csv').map((row) => row.scientificName));
    expect(names).toEqual(new Set(['Odocoileus virginianus', '']));
    const described = JSON.parse(String(found.get('camtrap-dp/datapackage.json')?.body)) as { taxonomic: unknown };
    expect(described.taxonomic).toEqual([{ scientificName: 'Odocoileus virginianus' }]);
    expect(String(found.get('README.txt')?.body)).toContain('    white_tailed_deer: Odocoileus virginianus\n');

    const ids = (await asked<{ id: string }>('SELECT id FROM detections ORDER BY id LIMIT 900')).map(({ id }) => id);
    const [sound] = await asked<{ n: number }>(
      `SELECT count(*) AS n FROM (SELECT * FROM detections ORDER BY id LIMIT 900) d WHERE d.is_valid AND NOT d.is_duplicate`,
    );
    const byIds = await zip({ detection_ids: ids });
    expect(table(byIds, 'metadata.csv')).toHaveLength(sound!.n);
    expect(manifestOf(byIds).counts).toMatchObject({ requested: 900, exported: sound!.n, skipped: 900 - sound!.n });
  });

  test('its other words for species: mapped where known, the default where not, never printed as they are', async () => {
    const words = [
      'mule_deer',
      'Elk',
      'white_tailed_deer',
      'BLACKTAIL',
      'moose',
      'banana',
      'Raccoon',
      '  ',
      'Odocoileus hemionus',
    ];
    await own.run(
      `CREATE TABLE before AS SELECT id, species FROM deer;
       ${words.map((word, at) => `UPDATE deer SET species = '${word}' WHERE right(id::text, 2)::int % ${words.length} = ${at};`).join('\n')}`,
    );
    const found = await zip();
    const names = new Set(table(found, 'camtrap-dp/observations.csv').map((row) => row.scientificName));
    expect(names).toEqual(
      new Set(['', 'Odocoileus virginianus', 'Odocoileus hemionus', 'Cervus canadensis', 'Alces alces']),
    );
    const readme = String(found.get('README.txt')?.body);
    for (const line of [
      'BLACKTAIL: Odocoileus hemionus',
      'banana: Odocoileus virginianus',
      'Elk: Cervus canadensis',
      'Raccoon: Odocoileus virginianus',
    ])
      expect(readme).toContain(`    ${line}\n`);
    await own.run('UPDATE deer SET species = before.species FROM before WHERE before.id = deer.id; DROP TABLE before');
  });

  test('the same bytes twice', async () => {
    expect(Buffer.compare(await pdf(), await pdf())).toBe(0);
  });

  test('nor does the first state of its tables stop a report or an archive', async () => {
    await own.run(WITHOUT_LATER);
    await headline();
    expect(table(await zip(), 'metadata.csv').length).toBeGreaterThan(2_000);
  });
});
