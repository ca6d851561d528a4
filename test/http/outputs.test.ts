// What leaves as a name, a cell or an account: file names nobody can bend, CSV that every parser
// reads alike, a manifest that forgets nothing.

import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { postgres } from '../../lib/adapters/postgres.ts';
import { type Cell, csv } from '../../lib/csv.ts';
import { makeLocator } from '../../lib/deer/coordinates.ts';
import { downloadAnswer } from '../../lib/exports/job/download.ts';
import { downloadUrl, fileName, objectKey, parseFileName } from '../../lib/exports/job/paths.ts';
import type { PdfRequest } from '../../lib/exports/pdf/request.ts';
import { type ManifestEntry, makeManifest } from '../../lib/exports/zip/manifest.ts';
import type { ZipRequest } from '../../lib/exports/zip/request.ts';
import type { ArchiveContents } from '../../lib/exports/zip/selection.ts';
import { members, zipExport } from '../content/archive.ts';
import { anyText, valid } from '../support/generators.ts';
import { runs } from '../support/runs.ts';

const jobId = fc.constant(undefined).map(() => randomUUID());

test.each(['pdf', 'zip'] as const)(
  'the file name of a %s is safe everywhere, holds its job, and nothing of the request but its dates',
  async (kind) => {
    await fc.assert(
      fc.asyncProperty(valid[kind], jobId, async (body, id) => {
        const request = body as unknown as PdfRequest & ZipRequest;
        const name = fileName(kind, request, id);
        expect(name).toMatch(/^[a-z0-9][a-z0-9_.-]{0,99}$/);
        expect(name).not.toMatch(/\.\./);
        expect(parseFileName(name)).toEqual({ jobId: id, kind });
        expect(new URL(downloadUrl(name), 'http://x').pathname).toBe(`/api/static/exports/${name}`);
        expect(objectKey(id, '1', name).split('/')).toEqual(['exports', id, '1', name]);
        const answer = await downloadAnswer({
          filename: name,
          contentType: 'application/pdf',
          sha256: 'a'.repeat(64),
          size: 0,
          bytes: Buffer.alloc(0),
        });
        for (const value of Object.values(answer.headers)) expect(value).toMatch(/^[\x20-\x7e]*$/);
        expect(answer.headers['content-disposition']).toBe(`attachment; filename="${name}"`);
      }),
      { numRuns: runs(60) },
    );
  },
);

test('no other text names a job: paths, escapes, line breaks, neighbours of a right name', () => {
  const id = randomUUID();
  const right = fileName('pdf', { start_date: '2024-01-01', end_date: '2024-02-01', group_by: 'day' }, id);
  const bent = fc.oneof(
    anyText,
    fc
      .tuple(fc.constantFrom('../', '/', '..%2f', '%00', '\r\n', ' ', './', '\\'), fc.boolean())
      .map(([part, front]) => (front ? part + right : right + part)),
    fc
      .tuple(fc.nat(right.length - 1), fc.constantFrom('/', '"', '\n', '%', '\u0000', 'X'))
      .map(([at, c]) => right.slice(0, at) + c + right.slice(at + 1)),
    fc.constant(right.toUpperCase()),
  );
  fc.assert(
    fc.property(bent, (name) => {
      const job = parseFileName(name);
      // A digit may still be changed into another job's name; whatever is read as a name must be
      // one, whole.
      if (job !== undefined) expect(name).toMatch(/^deer-(report|archive)_[0-9a-f_to-]+\.(pdf|zip)$/);
      expect(parseFileName(`${name}\n`)).toBeUndefined();
      if (job !== undefined) expect([...'\r\n/\\%"\u0000'].filter((c) => name.includes(c))).toEqual([]);
    }),
    { numRuns: runs(160) },
  );
});

const cell: fc.Arbitrary<Cell> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({
    unit: fc.constantFrom(
      '=',
      '+',
      '-',
      '@',
      '\uff1d',
      '\uff0b',
      '\uff0d',
      '\uff20',
      '\t',
      '\r',
      '\n',
      ',',
      '"',
      "'",
      ' ',
      ';',
      'a',
      '\ufeff',
      '\ud83e\udd8c',
    ),
    maxLength: 8,
  }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constantFrom(null, undefined),
);
const DANGEROUS = '=+-@\t\r\n\uff1d\uff0b\uff0d\uff20';
/**
 * What a reader must find: the guard in front of what a spreadsheet would run, a line feed for each
 * end of a line, a blank for any other control character, everything else as it was.
 */
function read(value: Cell): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  const plain = [...value.replaceAll('\r\n', '\n').replaceAll('\r', '\n')]
    .map((letter) => (/\p{Cc}/u.test(letter) && !'\t\n'.includes(letter) ? ' ' : letter))
    .join('');
  const firsts = plain === value ? [plain[0]] : [plain[0], plain.trimStart()[0]];
  return firsts.some((first) => DANGEROUS.includes(first ?? 'x')) ? `'${plain}` : plain;
}

test('any table survives a real CSV parser, also one that takes every kind of line break; no cell starts a formula', () => {
  const tables = fc
    .integer({ min: 2, max: 5 })
    .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 8 }));
  fc.assert(
    fc.property(tables, fc.integer({ min: 1, max: 3 }), (rows, batch) => {
      const header = (rows[0] ?? ['a', 'b']).map((_, i) => `column ${i}`);
      const bytes = Buffer.from([...csv(header, rows, undefined, batch)].join(''));
      const found = parse(bytes, { record_delimiter: ['\r\n', '\n', '\r'], relax_column_count: false }) as string[][];
      expect(found).toEqual([header, ...rows.map((row) => row.map(read))]);
      const texts = rows.flatMap((row, r) =>
        row.flatMap((value, c) => (typeof value === 'string' ? [found[r + 1]![c]!] : [])),
      );
      for (const text of texts) expect(text).not.toMatch(/^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/);
    }),
    { numRuns: runs(100) },
  );
});

test('a manifest reads back as what it was made of, whatever the names and reasons hold', () => {
  const text = fc.oneof(anyText, fc.string({ unit: 'binary', maxLength: 30 })).map((value) => value.toWellFormed());
  const entries = fc.array(
    fc.oneof(
      fc.record({
        detection_id: fc.uuid(),
        status: fc.constant('exported' as const),
        crop: text,
        in_metadata: fc.boolean(),
      }),
      fc.record({
        detection_id: fc.uuid(),
        status: fc.constant('skipped' as const),
        reason: text,
        in_metadata: fc.boolean(),
      }),
    ) as fc.Arbitrary<ManifestEntry>,
    { maxLength: 30 },
  );
  const files = fc.array(fc.record({ path: text, bytes: fc.nat(), sha256: fc.constant('a'.repeat(64)) }), {
    maxLength: 10,
  });
  const contents = {
    requested: 3,
    leftOut: { invalid: 0, duplicate: 0, nonAnimal: 0 },
    season: { scope: { start: 'a', end: 'b', groupBy: 'day', timeZone: 'UTC' }, total: {} },
  } as unknown as ArchiveContents;
  fc.assert(
    fc.property(valid.zip, entries, files, (request, detections, listed) => {
      const whole = [...makeManifest(request as ZipRequest, new Date(0), contents, detections, listed)].join('');
      const found = JSON.parse(whole) as {
        request: unknown;
        detections: unknown;
        files: unknown;
        counts: { exported: number; skipped: number };
      };
      expect(found).toMatchObject({ request: JSON.parse(JSON.stringify(request)), detections, files: listed });
      expect(found.counts.exported + found.counts.skipped).toBe(detections.length);
    }),
    { numRuns: runs(40) },
  );
});

test('whatever ids are asked for, each is in the manifest exactly once: exported, or skipped with a reason', async () => {
  const database = postgres({ url: process.env.DATABASE_URL! });
  try {
    const known = await database.read(({ rows }) =>
      rows<{ id: string }>('SELECT id FROM detections ORDER BY is_valid, is_duplicate DESC, id LIMIT 300', []),
    );
    const id = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...known.map((row) => row.id)) }, fc.uuid());
    const asked = fc.array(
      fc.tuple(id, fc.boolean()).map(([one, loud]) => (loud ? one.toUpperCase() : one)),
      { minLength: 1, maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(
        asked,
        fc.constantFrom<string[] | undefined>(undefined, ['buck'], ['doe', 'fawn']),
        async (detection_ids, classifications) => {
          const request: ZipRequest = { detection_ids, include_crops: false, include_camtrap_dp: false };
          if (classifications !== undefined) request.classifications = classifications;
          const work = {
            jobId: randomUUID(),
            createdAt: new Date('2025-01-01T00:00:00Z'),
            timeZone: 'UTC',
            database,
            images: { read: () => Promise.reject(new Error('no images here')) },
            locator: makeLocator('exact'),
            signal: new AbortController().signal,
            progress: () => undefined,
            confirm: async () => undefined,
          };
          let product: Awaited<ReturnType<typeof zipExport>>;
          try {
            product = await zipExport({ ...work, request });
          } catch (error) {
            // The one refusal: nothing of what was asked for can be exported.
            expect((error as Error).message).toMatch(/^None of the \d+ detection_ids can be exported: /);
            return;
          }
          const found = await members(await buffer(product.body));
          const { detections, counts } = JSON.parse(found.get('manifest.json')!.body.toString()) as {
            detections: ManifestEntry[];
            counts: { requested: number };
          };
          const wanted = [...new Set(detection_ids.map((one) => one.toLowerCase()))];
          expect(detections.map((entry) => entry.detection_id).sort()).toEqual([...wanted].sort());
          expect(counts.requested).toBe(wanted.length);
          for (const entry of detections)
            expect(entry.status === 'exported' ? entry.in_metadata : (entry.reason ?? '').length > 0).toBe(true);
          const rows = parse(found.get('metadata.csv')!.body, { columns: true }) as { detection_id: string }[];
          const exported = detections.filter((entry) => entry.status === 'exported').map((entry) => entry.detection_id);
          expect(rows.map((row) => row.detection_id).sort()).toEqual(exported.sort());
        },
      ),
      { numRuns: 20 },
    );
  } finally {
    await database.close();
  }
});
