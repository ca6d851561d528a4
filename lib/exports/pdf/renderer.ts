// The PDF export: one snapshot, one document.
import type { Queries } from '../../adapters/postgres.ts';
import { loadReportWith, rememberLoaded, type Scope, type SeasonReport } from '../season/index.ts';
import type { Renderer } from '../shared/renderer.ts';
import { printer } from './layout/fonts.ts';
import { buildDocument, type ReportOptions } from './report.ts';
import type { PdfRequest } from './request.ts';
import { computeSurveys, readSurveys, type SurveyReading } from './survey-read.ts';

/**
 * Draws and lays out the whole report: the CPU part of a PDF job.
 * @returns the document, a readable stream of its bytes
 */
export async function renderReport(report: SeasonReport, options: ReportOptions): Promise<PDFKit.PDFDocument> {
  const document = await printer().createPdf(buildDocument(report, options)).getStream();
  document.end();
  return document;
}

/** @throws Fault `invalid`: unknown class or location, or no detections in the period. */
export const renderPdf: Renderer<PdfRequest> = async ({ request, createdAt, timeZone, database, progress, signal }) => {
  const STEPS = 3;
  progress(0, STEPS);
  const surveys = async (queries: Queries, scope: Scope): Promise<SurveyReading[] | undefined> =>
    (request.include_survey ?? true)
      ? rememberLoaded(database, queries, ['survey', scope, request.report_type, request.comparison_periods], () =>
          readSurveys(queries, scope, request),
        )
      : undefined;
  const [report, readings] = await loadReportWith(database, request, { timeZone, asOf: createdAt }, surveys);
  signal.throwIfAborted();
  progress(1, STEPS);
  const body = await renderReport(report, {
    title: request.title,
    createdAt,
    charts: request.include_charts ?? true,
    tables: request.include_tables ?? true,
    insights: request.include_insights ?? true,
    survey: readings && computeSurveys(readings),
  });
  signal.throwIfAborted();
  progress(2, STEPS);
  body.once('end', () => progress(STEPS, STEPS));
  return { body };
};
