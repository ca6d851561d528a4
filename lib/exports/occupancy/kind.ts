// The kind of export that holds the input of an occupancy model.
import type { KindFacts } from '../shared/kind.ts';

export const occupancyKind = {
  kind: 'occupancy',
  label: 'an occupancy data set',
  path: '/api/exports/occupancy',
  scope: 'exports',
  contentType: 'application/zip',
  fileStem: 'deer-occupancy',
  extension: 'zip',
} as const satisfies KindFacts;
