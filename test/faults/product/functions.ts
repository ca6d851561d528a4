// The functions that this product's processes run, by name; each is loaded when it is first asked
// for.
export const functions = {
  createPdfExport: () => import('../../../handlers/createPdfExport.ts'),
  createZipExport: () => import('../../../handlers/createZipExport.ts'),
  createOccupancyExport: () => import('../../../handlers/createOccupancyExport.ts'),
  pdfExportStatus: () => import('../../../handlers/pdfExportStatus.ts'),
  zipExportStatus: () => import('../../../handlers/zipExportStatus.ts'),
  occupancyExportStatus: () => import('../../../handlers/occupancyExportStatus.ts'),
  cancelExport: () => import('../../../handlers/cancelExport.ts'),
  downloadExport: () => import('../../../handlers/downloadExport.ts'),
  listExports: () => import('../../../handlers/listExports.ts'),
  exportEvents: () => import('../../../handlers/exportEvents.ts'),
  livez: () => import('../../../handlers/livez.ts'),
  readyz: () => import('../../../handlers/readyz.ts'),
  metrics: () => import('../../../handlers/metrics.ts'),
  health: () => import('../../../handlers/health.ts'),
  signIn: () => import('../../../handlers/signIn.ts'),
  signOut: () => import('../../../handlers/signOut.ts'),
  session: () => import('../../../handlers/session.ts'),
  notFound: () => import('../../../handlers/notFound.ts'),
  generateExport: () => import('../../../handlers/generateExport.ts'),
  deadLetterExport: () => import('../../../handlers/deadLetterExport.ts'),
};
