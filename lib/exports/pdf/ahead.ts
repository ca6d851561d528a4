// A report that nobody asked for: what the first one would wait for is read, cut and compiled.
import { text } from 'node:stream/consumers';
import { errorMessage } from '../../errors.ts';
import { log } from '../../log.ts';
import { settlePeriod } from '../../survey/survey.ts';
import type { Renderer, RenderJob } from '../shared/renderer.ts';
import type { PdfRequest } from './request.ts';

export type AheadPorts = Pick<RenderJob<PdfRequest>, 'database' | 'images' | 'locator' | 'timeZone'> & {
  clock: () => Date;
};

/**
 * Renders the twelve months up to the last detection, and drops the document: crops of deer stay
 * stored, for reports of other days as well. Nobody waits for it: it never throws.
 */
export async function renderAhead(render: Renderer<PdfRequest>, { clock, ...ports }: AheadPorts): Promise<void> {
  const { database, timeZone } = ports;
  const createdAt = clock();
  try {
    const { since, until } = await database.read((queries) => settlePeriod(queries, { timeZone, asOf: createdAt }));
    const { body } = await render({
      ...ports,
      jobId: 'ahead',
      request: { start_date: since, end_date: until, group_by: 'month' },
      createdAt,
      progress: () => undefined,
      confirm: async () => undefined,
      signal: new AbortController().signal,
    });
    await text(body);
  } catch (error) {
    log.debug('no report is made ahead', { reason: errorMessage(error) });
  }
}
