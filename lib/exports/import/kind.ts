// The kind of job that imports a package which was uploaded in parts: its file is the summary.
import type { KindFacts } from '../shared/kind.ts';

export const importKind = {
  kind: 'import',
  label: 'an import',
  path: '/api/imports',
  // An id of an upload or, when its state is asked for, of a job.
  parameter: 'id',
  asks: ['{id}'],
  scope: 'import',
  // The upload is removed.
  usesUp: true,
  contentType: 'application/json',
  fileStem: 'import-summary',
  extension: 'json',
} as const satisfies KindFacts;
