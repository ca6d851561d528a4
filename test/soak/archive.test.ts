// The largest archive that can be asked for by ids (npm run test:data): 10,000 detections with
// crops, some images missing or damaged.
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { postgres } from '../../lib/adapters/postgres.ts';
import type { ExportStatus } from '../../lib/exports/job/status.ts';
import { manifestOf, members } from '../content/archive.ts';
import { openRig, type Rig } from '../faults/rig.ts';
import { until } from '../support/wait.ts';

const DETECTIONS = 10_000;
const MEGABYTES = 600;
const MINUTES = 60_000;

let rig: Rig;
beforeAll(async () => {
  rig = await openRig('embedded', {}, { seed: 7, detections: DETECTIONS + 400 });
}, 2 * MINUTES);
afterAll(() => rig?.close(), MINUTES);

test(
  '10,000 crops: under 600 MB, with progress; 3 missing and 2 damaged images are named',
  async () => {
    const { environment } = rig.services;
    const database = postgres({ url: environment.DATABASE_URL!, queryTimeout: MINUTES });
    // One detection an image, so that an image that fails is one crop that fails.
    const rows = await database.read(({ rows: ask }) =>
      ask<{ id: string; path: string }>(
        `SELECT min(d.id::text) AS id, i.path FROM detections d JOIN images i ON i.id = d.image_id
         WHERE d.is_valid IS NOT FALSE AND d.is_duplicate IS NOT TRUE GROUP BY i.path HAVING count(*) = 1 ORDER BY i.path`,
      ),
    );
    const rest = await database.read(({ rows: ask }) =>
      ask<{ id: string }>(
        `SELECT id::text FROM detections WHERE is_valid IS NOT FALSE AND is_duplicate IS NOT TRUE ORDER BY id`,
      ),
    );
    const broken = rows.slice(0, 5);
    const ids = [...new Set([...broken.map(({ id }) => id), ...rest.map(({ id }) => id)])].slice(0, DETECTIONS);
    expect(ids).toHaveLength(DETECTIONS);
    for (const { path } of broken.slice(0, 3)) {
      await database.write((queries) =>
        queries.rows('UPDATE images SET path = $1 WHERE path = $2', [`lost/${path}`, path]),
      );
    }
    await database.close();
    const [cut, text] = broken.slice(3).map(({ path }) => path);
    const headers = { authorization: `Bearer ${environment.IMAGE_ARCHIVE_TOKEN}` };
    const whole = Buffer.from(
      await (await fetch(`${environment.IMAGE_ARCHIVE_URL}/${cut}`, { headers })).arrayBuffer(),
    );
    for (const [path, body] of [
      [cut!, whole.subarray(0, whole.length / 3)],
      [text!, Buffer.from('this is no image')],
    ] as const) {
      const file = join(environment.IMAGE_ROOT!, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, body);
    }

    const consumer = await rig.startConsumer();
    const { json } = await rig.ledger.postQuietly('zip', { detection_ids: ids });
    const seen = new Set<number>();
    const done = await until(
      'the archive',
      async () => {
        const status: ExportStatus = (await rig.ledger.ask('GET', `/api/exports/zip/${json.job_id}`)).json;
        seen.add(status.progress);
        return status.status === 'processing' ? undefined : status;
      },
      15 * MINUTES,
    );
    expect(done.status).toBe('completed');
    const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${consumer.pid}/status`, 'utf8'))?.[1]) / 1024;
    console.log(`peak ${Math.round(peak)} MB, ${seen.size} progress values, ${done.file_size_bytes} bytes`);
    expect(peak).toBeLessThan(MEGABYTES);
    expect(seen.size).toBeGreaterThan(25);

    const file = await rig.ledger.ask('GET', done.download_url!);
    const zip = file.status === 307 ? Buffer.from(await (await fetch(file.location!)).arrayBuffer()) : file.bytes;
    const found = await members(zip);
    const { detections } = manifestOf(found);
    const skipped = detections.filter(({ crop }) => crop === undefined);
    expect(detections).toHaveLength(DETECTIONS);
    expect(skipped.map(({ detection_id }) => detection_id).sort()).toEqual(broken.map(({ id }) => id).sort());
    for (const { reason } of skipped) expect(reason).toMatch(/image/);
    expect([...found.keys()].filter((name) => name.startsWith('crops/'))).toHaveLength(DETECTIONS - 5);
  },
  20 * MINUTES,
);
