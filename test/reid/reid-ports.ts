// A small herd in a fresh database, and the ports of the Re-ID functions on it; files go to
// the suite's bucket and to a folder of the test's.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sharpCrops } from '../../lib/adapters/crops/crops.ts';
import { images } from '../../lib/adapters/images.ts';
import { s3Files } from '../../lib/adapters/s3.ts';
import { logFrom } from '../../lib/log.ts';
import type { Pictures } from '../../lib/reid/analysis/pictures.ts';
import type { ReidPorts } from '../../lib/reid/index.ts';
import type { Herd } from '../../localstack/herd/index.ts';
import { loadHerd } from '../../localstack/herd/load.ts';
import { migratedDatabase, type OwnDatabase } from '../support/database.ts';

export interface ReidWorld {
  own: OwnDatabase;
  folder: string;
  ports: ReidPorts;
  pictures: Pictures;
  /** Steps that were said, in order. */
  said: string[];
  /** Undefined in an empty database. */
  herd: Herd | undefined;
  rows<T extends object>(sql: string, params?: readonly unknown[]): Promise<T[]>;
  close(): Promise<void>;
}

export async function reidWorld({ detections = 1_500 }: { detections?: number } = {}): Promise<ReidWorld> {
  logFrom('silent');
  const own = await migratedDatabase();
  const rows: ReidWorld['rows'] = (sql, params) => own.database.write((queries) => queries.rows(sql, params));
  const herd =
    detections === 0 ? undefined : await loadHerd({ seed: 3, detections, reviewed: 0.6, copy: own.copy, rows });
  const folder = mkdtempSync(join(tmpdir(), 'hoofprint-reid-'));
  const said: string[] = [];
  return {
    own,
    folder,
    said,
    herd,
    rows,
    ports: {
      database: own.database,
      files: s3Files({ bucket: process.env.EXPORTS_BUCKET! }),
      currentThreshold: 0.7,
      timeZone: 'UTC',
      outputRoot: folder,
      ttlSeconds: 3_600,
      clock: () => new Date('2024-09-01T12:00:00Z'),
      say: (step) => void said.push(step),
    },
    pictures: {
      images: images({
        root: process.env.IMAGE_ROOT ?? '',
        archiveUrl: process.env.IMAGE_ARCHIVE_URL ?? '',
        archiveToken: process.env.IMAGE_ARCHIVE_TOKEN ?? '',
      }),
      cut: sharpCrops().cut,
    },
    close: async () => {
      await own.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
