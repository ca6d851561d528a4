// The PDF export: one snapshot, one document.
import { loadReportWith, type ReadMore, rememberLoaded, type SeasonReport } from '../season/index.ts';
import type { Renderer, RenderJob } from '../shared/renderer.ts';
import { cutFaces, type FacePorts } from './faces.ts';
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

/** Reads what the survey of a report is made from; nothing where none is asked for. */
const surveyReader =
  ({ request, database }: RenderJob<PdfRequest>): ReadMore<SurveyReading[] | undefined> =>
  async (queries, scope) => {
    const { include_survey = true, report_type, comparison_periods } = request;
    if (!include_survey) return undefined;
    return rememberLoaded(database, queries, ['survey', scope, report_type, comparison_periods], () =>
      readSurveys(queries, scope, request),
    );
  };

/** @throws Fault `invalid`: unknown class or location, or no detections in the period. */
export const pdfRenderer =
  (ports: FacePorts): Renderer<PdfRequest> =>
  async (job) => {
    const { request, createdAt, timeZone, database, images, locator, progress, signal } = job;
    const STEPS = 4;
    progress(0, STEPS);
    const [report, readings] = await loadReportWith(
      database,
      request,
      { timeZone, asOf: createdAt },
      surveyReader(job),
    );
    signal.throwIfAborted();
    progress(1, STEPS);
    const faces = (request.include_pictures ?? true) ? await cutFaces(report, images, ports, signal) : undefined;
    signal.throwIfAborted();
    progress(2, STEPS);
    const body = await renderReport(report, {
      title: request.title,
      createdAt,
      charts: request.include_charts ?? true,
      tables: request.include_tables ?? true,
      insights: request.include_insights ?? true,
      survey: readings && computeSurveys(readings),
      faces,
      map: (request.include_map ?? true) ? locator : undefined,
    });
    signal.throwIfAborted();
    progress(3, STEPS);
    body.once('end', () => progress(STEPS, STEPS));
    return { body };
  };
