// Makes a PDF report from a small world and reads its words.

import { buffer } from 'node:stream/consumers';
import { sharpCrops } from '../../lib/adapters/crops/crops.ts';
import { measureSharpness } from '../../lib/adapters/crops/sharpness.ts';
import { makeLocator } from '../../lib/deer/coordinates.ts';
import { pdfRenderer } from '../../lib/exports/pdf/renderer.ts';
import type { PdfRequest } from '../../lib/exports/pdf/request.ts';
import type { RenderJob } from '../../lib/exports/shared/renderer.ts';
import { CREATED, ZONE } from './archive.ts';
import type { World } from './fixture.ts';
import { pagesOf } from './pdf-text.ts';

/** Crops are kept nowhere. */
export const renderPdf = pdfRenderer({ crops: sharpCrops(), store: undefined, sharpness: measureSharpness });

export async function report(
  earth: World,
  request: Partial<PdfRequest> = {},
  work: Partial<RenderJob<PdfRequest>> = {},
): Promise<Buffer> {
  const product = await renderPdf({
    jobId: 'a-job',
    request: { start_date: '2023-09-01', end_date: '2024-01-31', group_by: 'month', ...request },
    createdAt: CREATED,
    timeZone: ZONE,
    database: earth.database,
    images: { read: () => Promise.reject(new Error('no image is to be had')) },
    progress: () => undefined,
    confirm: async () => undefined,
    locator: makeLocator('exact'),
    signal: new AbortController().signal,
    ...work,
  });
  return buffer(product.body);
}

/** Words as they are read, single spaces; a place where a line may break after / or - is none. */
export const wordsOf = (pdf: Buffer): string =>
  pagesOf(pdf)
    .join(' ')
    .replace(/\s+/g, ' ')
    .replace(/([/-]) (?=\w)/g, '$1');
