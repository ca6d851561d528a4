// The largest packages that are known of (npm run test:data): 162,895 observations, a fault in each
// of them, an event of 150,000 pictures.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type OpenImports, openImports } from '../data/imports.ts';
import { newFolder, packageFiles } from '../data/package.ts';

const OBSERVATIONS = 162_895;
const PICTURES = 150_000;
const MINUTE = 60_000;

let imports: OpenImports;
beforeAll(async () => {
  imports = await openImports();
});
afterAll(() => imports.close());

const stamp = (n: number): string => new Date(Date.UTC(2024, 4, 2) + n * 10_000).toISOString().replace('.000', '');
function written(id: string, media: Iterable<string>, observations: Iterable<string>): string {
  const folder = newFolder();
  const heads = {
    'media.csv': 'mediaID,deploymentID,timestamp,filePath,filePublic,fileMediatype',
    'observations.csv':
      'observationID,deploymentID,mediaID,eventID,eventStart,eventEnd,observationLevel,observationType,scientificName,sex',
  };
  const files = packageFiles({ descriptor: { id } });
  files['media.csv'] = [heads['media.csv'], ...media].join('\n');
  files['observations.csv'] = [heads['observations.csv'], ...observations].join('\n');
  for (const [path, content] of Object.entries(files)) writeFileSync(join(folder, path), content);
  return folder;
}
const list = (count: number, line: (i: number) => string): string[] => Array.from({ length: count }, (_, i) => line(i));

/**
 * Calls and says how long it took and by how much the memory of this process, with its embedded
 * PostgreSQL, grew.
 */
async function measured<T>(name: string, call: () => Promise<T>): Promise<{ result: T; ms: number }> {
  const [began, before] = [performance.now(), process.memoryUsage().rss];
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 50);
  const result = await call().finally(() => clearInterval(timer));
  const ms = performance.now() - began;
  console.log(`${name}: ${(ms / 1_000).toFixed(1)} s, ${Math.round((peak - before) / 1e6)} MB more`);
  return { result, ms };
}

test(
  'a fault in each of 162,895 observations is refused within a minute, with the number of the rest',
  async () => {
    const line = (i: number) => `o${i},dep1,,e${i},${stamp(i)},${stamp(i)},event,animal,Vulpes vulpes,hen`;
    const folder = written('faults', [], list(OBSERVATIONS, line));
    const { result, ms } = await measured('162,895 faults', () => imports.load(folder).catch((error: Error) => error));
    expect((result as Error).message).toMatch(/and 162875 more$/);
    expect(ms).toBeLessThan(MINUTE);
  },
  3 * MINUTE,
);

test(
  '162,895 observations of as many pictures are loaded',
  async () => {
    const media = list(
      OBSERVATIONS,
      (i) => `m${i},dep1,${stamp(i)},https://example.org/large/${i}.jpg,false,image/jpeg`,
    );
    const line = (i: number) => `o${i},dep1,m${i},e${i >> 2},${stamp(i)},${stamp(i)},media,animal,Vulpes vulpes,`;
    const folder = written('large', media, list(OBSERVATIONS, line));
    const { result } = await measured('162,895 observations', () => imports.load(folder));
    expect(result.detections.made).toBe(OBSERVATIONS);
  },
  5 * MINUTE,
);

test(
  'an event of 150,000 pictures is loaded',
  async () => {
    const media = list(PICTURES, (i) => `m${i},dep1,${stamp(i)},https://example.org/event/${i}.jpg,false,image/jpeg`);
    const blank = (i: number) => `o${i},dep1,m${i},e,${stamp(0)},${stamp(PICTURES)},media,blank,,`;
    const fox = `fox,dep1,,e,${stamp(0)},${stamp(PICTURES)},event,animal,Vulpes vulpes,`;
    const folder = written('event', media, [...list(PICTURES, blank), fox]);
    const { result } = await measured('an event of 150,000 pictures', () => imports.load(folder));
    expect([result.images.made, result.detections.made]).toEqual([PICTURES, 1]);
  },
  5 * MINUTE,
);
