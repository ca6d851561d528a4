// The kind of export that is an archive of tables, crops and a Camtrap DP package.
import type { KindFacts } from '../shared/kind.ts';

export const zipKind = {
  kind: 'zip',
  label: 'a ZIP archive',
  path: '/api/exports/zip',
  scope: 'exports',
  contentType: 'application/zip',
  fileStem: 'deer-archive',
  extension: 'zip',
} as const satisfies KindFacts;
