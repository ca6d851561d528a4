// Sizes of real seasons: linear in everything, and no list is ever spread into arguments.
import { makeIds } from '../../lib/data/camtrap-dp/read/ids.ts';
import type { Cells } from '../../lib/data/camtrap-dp/read/table.ts';
import { makeRows, type PackageRows } from '../../lib/data/camtrap-dp/rows/rows.ts';

const START = Date.parse('2024-05-01T00:00:00Z');
const stamp = (second: number): string => new Date(START + second * 1_000).toISOString().replace('.000', '');
const deployments: Cells[] = [
  {
    deploymentID: 'd1',
    locationID: 'l1',
    deploymentStart: stamp(0),
    deploymentEnd: stamp(10_000_000),
    latitude: '51',
    longitude: '5',
  },
];
const descriptor = { created: undefined, individuals: new Map(), ids: makeIds('scale') };

function made(media: Cells[], observations: Cells[]): { rows: PackageRows; ms: number } {
  const files = new Map(
    media.map(({ mediaID }) => [mediaID!, { path: `https://example.org/${mediaID}`, present: false, size: undefined }]),
  );
  // The processor's time of this thread, not the clock's: what else the machine does is not what is
  // measured.
  const began = process.threadCpuUsage();
  const rows = makeRows(descriptor, { deployments, media, observations }, files);
  const { user, system } = process.threadCpuUsage(began);
  return { rows, ms: (user + system) / 1_000 };
}
const pictures = (count: number): Cells[] =>
  Array.from({ length: count }, (_, i) => ({
    mediaID: `m${i}`,
    deploymentID: 'd1',
    timestamp: stamp(i),
    fileMediatype: 'image/jpeg',
  }));
const base = { deploymentID: 'd1', observationLevel: 'event' };

/** Event rows without ids, animals and persons by turns; each spans the whole season. */
const spans = (count: number): { rows: PackageRows; ms: number } =>
  made(
    pictures(count),
    Array.from({ length: count / 5 }, (_, i) => ({
      ...base,
      ...{ observationID: `o${i}`, observationType: i % 2 === 0 ? 'animal' : 'human', scientificName: 'Vulpes vulpes' },
      ...{ eventStart: stamp(i % 7), eventEnd: stamp(count - (i % 11)) },
    })),
  );

test('a fifth as many event rows without ids as pictures: eight times as much takes some eight times as long', () => {
  // The best of some runs: the first ones also compile, and garbage is collected when it is.
  const best = (count: number): number => Math.min(...[1, 2, 3].map(() => spans(count).ms));
  const size = process.env.HOOFPRINT_SOAK === '1' ? 60_000 : 20_000;
  const whole = spans(size);
  expect(whole.rows.detections).toHaveLength(size / 10);
  expect(whole.rows.images.filter((image) => image.contains_human)).toHaveLength(size);
  // Were each row compared with each picture, it would be sixty-four times. More memory is slower
  // memory: ten times were measured where four had to be.
  expect(best(40_000) / best(5_000)).toBeLessThan(32);
});

test('an event of 150,000 pictures has its first one, and all of them may show its person', () => {
  const media = pictures(150_000);
  const event = { ...base, eventID: 'e', eventStart: stamp(0), eventEnd: stamp(150_000) };
  const { rows } = made(media, [
    ...media.map(({ mediaID, timestamp }) => ({
      ...{
        deploymentID: 'd1',
        mediaID,
        eventID: 'e',
        observationID: `b${mediaID}`,
        observationLevel: 'media',
        observationType: 'blank',
      },
      ...{ eventStart: timestamp, eventEnd: timestamp },
    })),
    { ...event, observationID: 'fox', observationType: 'animal', scientificName: 'Vulpes vulpes' },
    { ...event, observationID: 'walker', observationType: 'human' },
  ]);
  expect(rows.detections.map(({ image_id }) => image_id)).toEqual([descriptor.ids.row('m0')]);
  expect(rows.images.filter((image) => image.contains_human)).toHaveLength(150_000);
});
