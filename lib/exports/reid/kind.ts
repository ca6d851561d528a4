// The kind of job that is a Re-ID analysis: one page, and what it found as JSON.
import type { KindFacts } from '../shared/kind.ts';

/** What may be asked for; lib/reid/job-inputs.ts says with what input. */
export const ANALYSES = ['scores', 'thresholds', 'plot', 'matching', 'survey'] as const;

export const reidKind = {
  kind: 'reid',
  label: 'a Re-ID analysis',
  path: '/api/reid',
  asks: ANALYSES,
  scope: 'reid',
  contentType: 'text/html; charset=utf-8',
  fileStem: 'reid-analysis',
  extension: 'html',
  result: { name: 'result.json', contentType: 'application/json' },
  // Written by renderShell (lib/reid/pages/shell.ts) before anything that has names in it.
  readPolicy: (head) => /<meta http-equiv="Content-Security-Policy" content="([\x20-\x7e]{1,1000}?)">/.exec(head)?.[1],
} as const satisfies KindFacts;
