// The renderer of Re-ID analyses: it knows none of them, only what each gives back.
import { Readable } from 'node:stream';
import { Fault, isFault } from '../../errors.ts';
import type { Renderer, RenderJob } from '../shared/renderer.ts';
import type { Analysis, ReidRequest } from './request.ts';

/** Does an analysis. @throws as Renderer does, and Fault `conflict` or `too-large` */
export type Analyze = (
  input: object,
  work: Pick<RenderJob<ReidRequest>, 'createdAt' | 'signal' | 'progress'>,
) => Promise<{ page: string; result: object }>;

export const reidRenderer =
  (analyses: Readonly<Record<Analysis, Analyze>>): Renderer<ReidRequest> =>
  async ({ request, createdAt, signal, progress }) => {
    try {
      const { page, result } = await analyses[request.analysis](request.input, { createdAt, signal, progress });
      return { body: Readable.from([Buffer.from(page)]), result: Buffer.from(`${JSON.stringify(result)}\n`) };
    } catch (error) {
      // What the database lacks, or this machine has no memory for, a later try lacks as well.
      if (isFault(error, 'conflict') || isFault(error, 'too-large'))
        throw new Fault('invalid', error.message, { cause: error });
      throw error;
    }
  };
