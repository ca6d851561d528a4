// The kind of export that is a report to print.
import type { KindFacts } from '../shared/kind.ts';

export const pdfKind = {
  kind: 'pdf',
  label: 'a PDF report',
  path: '/api/exports/pdf',
  scope: 'exports',
  contentType: 'application/pdf',
  fileStem: 'deer-report',
  extension: 'pdf',
} as const satisfies KindFacts;
