// Makes an archive from a small world and reads it back, member by member.

import { buffer } from 'node:stream/consumers';
import { parse } from 'csv-parse/sync';
import sharp from 'sharp';
import yauzl from 'yauzl';
import { sharpCrops } from '../../lib/adapters/crops/crops.ts';
import { makeLocator } from '../../lib/deer/coordinates.ts';
import type { Product, RenderJob } from '../../lib/exports/shared/renderer.ts';
import { zipRenderer } from '../../lib/exports/zip/renderer.ts';
import type { ZipRequest } from '../../lib/exports/zip/request.ts';
import type { World } from './fixture.ts';

export const CREATED = new Date('2025-02-03T04:05:06Z');
export const ZONE = 'America/Chicago';
export const PERIOD: ZipRequest = { start_date: '2024-01-01', end_date: '2024-03-31', group_by: 'month' };
/** Hours after the first moment of the small worlds. */
export const at = (n: number): string => new Date(Date.parse('2024-01-10T12:00:00Z') + n * 3_600_000).toISOString();

export const frame: Buffer = await sharp({ create: { width: 400, height: 200, channels: 3, background: '#224466' } })
  .jpeg()
  .toBuffer();

/** Archives of a database whose owner has said nothing of the project. */
export const zipExport = zipRenderer({ metadata: {}, crops: sharpCrops() });

export type Changes = Partial<RenderJob<ZipRequest>>;

export const begin = (earth: World, request: ZipRequest = PERIOD, work: Changes = {}): Promise<Product> =>
  zipExport({
    jobId: 'a-job',
    request,
    createdAt: CREATED,
    timeZone: ZONE,
    database: earth.database,
    images: { read: () => Promise.resolve(frame) },
    progress: () => undefined,
    confirm: async () => undefined,
    locator: makeLocator('exact'),
    signal: new AbortController().signal,
    ...work,
  });

export const made = async (earth: World, request: ZipRequest = PERIOD, work: Changes = {}): Promise<Buffer> =>
  buffer((await begin(earth, request, work)).body);

export interface Member {
  body: Buffer;
  stored: boolean;
  date: Date;
}

export async function members(zip: Buffer): Promise<Map<string, Member>> {
  const file = await yauzl.fromBufferPromise(zip);
  const found = new Map<string, Member>();
  for await (const entry of file.eachEntry()) {
    const body = await buffer(await file.openReadStreamPromise(entry));
    found.set(entry.fileName, {
      body,
      stored: entry.compressionMethod === 0,
      date: entry.getLastModDate({ timezone: 'UTC' }),
    });
  }
  return found;
}

export interface Manifest {
  counts: Record<string, number>;
  request: ZipRequest;
  detections: { detection_id: string; status: string; crop?: string; reason?: string; in_metadata: boolean }[];
  files: { path: string; bytes: number; sha256: string }[];
}
export const manifestOf = (found: Map<string, Member>): Manifest =>
  JSON.parse(String(found.get('manifest.json')?.body)) as Manifest;
export const table = (found: Map<string, Member>, name: string): Record<string, string>[] =>
  parse(found.get(name)?.body ?? '', { columns: true }) as Record<string, string>[];
export const reasons = (manifest: Manifest): Record<string, string | undefined> =>
  Object.fromEntries(manifest.detections.map((entry) => [entry.detection_id, entry.reason]));
