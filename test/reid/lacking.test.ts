// The three Re-ID functions on databases that lack something: an answer or a sentence with what to
// type, never SQL and no stack.
import { s3Files } from '../../lib/adapters/s3.ts';
import { migrate } from '../../lib/deer/schema.ts';
import { errorMessage } from '../../lib/errors.ts';
import { logFrom } from '../../lib/log.ts';
import { type ReidPorts, reidPlot, reidScores, reidThresholds } from '../../lib/reid/index.ts';
import { formatReport } from '../../scripts/reid/report.ts';
import { type Platform, platform, withPlatform } from '../support/platform.ts';

const SQL =
  /\b(SELECT|INSERT|UPDATE|CREATE|ALTER)\b|relation "|column "|SQLSTATE|permission denied|does not exist|violates|^\s+at .*:\d+/m;

const noPictures = {
  images: { read: () => Promise.reject(new Error('no image is read here')) } as never,
  cut: () => Promise.reject(new Error('no image is cut here')),
};

/**
 * What each function says: its report as a terminal shows it, or the sentence that it is refused
 * with.
 */
async function said(own: Platform): Promise<string[]> {
  logFrom('silent');
  const ports: ReidPorts = {
    database: own.database,
    files: s3Files({ bucket: process.env.EXPORTS_BUCKET! }),
    ...{ currentThreshold: 0.7, timeZone: 'UTC', outputRoot: '', ttlSeconds: 3_600 },
    clock: () => new Date('2025-09-01T12:00:00Z'),
    say: () => undefined,
  };
  const trial = { trial: { threshold: 0.6, sample: 5 } };
  const acts = [
    () => reidScores(ports, {}),
    () => reidScores(ports, { source: 'scores' }),
    () => reidThresholds(ports, trial, noPictures),
    () => reidThresholds(ports, { source: 'vectors' }, noPictures),
    () => reidPlot(ports, {}),
  ];
  const texts: string[] = [];
  for (const act of acts) texts.push(await act().then((report) => formatReport(report as never), errorMessage));
  return texts;
}

withPlatform('Re-ID on a database that lacks something', () => {
  let own: Platform;
  afterEach(() => own?.close());
  const reader = 'CREATE ROLE reader; GRANT USAGE ON SCHEMA public TO reader; GRANT SELECT ON';

  test.each<[string, () => Promise<Platform>, RegExp]>([
    ['no tables', () => platform([]), /Type: npm run migrate/],
    [
      'half the tables',
      async () => {
        const made = await platform(['schema']);
        await made.run('DROP TABLE detections, deer');
        return made;
      },
      /no table .*detections.*Type: npm run migrate/s,
    ],
    ['tables without rows, before its later migration', () => platform(['schema']), /there are no detections/],
    ['its later migration, without rows', () => platform(['schema', 'later']), /there are no detections/],
    ['rows and no migrate', () => platform(), /npm run import -- --embeddings vectors\.npy --detections ids\.csv/],
    [
      'tables that Hoofprint made, without rows',
      async () => {
        const made = await platform([]);
        await migrate(made.database);
        return made;
      },
      /there are no detections/,
    ],
    [
      'no stored scores',
      async () => {
        const made = await platform();
        await made.run('DROP TABLE reid_similarity_scores');
        return made;
      },
      /none of the [\d,]+ detections has a usable vector\. Attach vectors with npm run import/,
    ],
    [
      'a user who may not read the scores',
      async () => {
        const made = await platform();
        await made.run(`${reader} images, locations, deer, detections TO reader`);
        await made.database.write((queries) => queries.rows('SET ROLE reader'));
        return made;
      },
      /may not read .*reid_similarity_scores|none of the [\d,]+ detections has a usable vector/,
    ],
  ])('%s', async (_, make, expected) => {
    own = await make();
    const texts = await said(own);
    expect(texts.join('\n')).toMatch(expected);
    for (const text of texts) {
      expect(text.length).toBeGreaterThan(20);
      expect(text).not.toMatch(SQL);
    }
  });
});
