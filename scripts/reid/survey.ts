// A survey in a few lines for a terminal: its sentences, what is refused, and where the page is.
import type { SurveyReport } from '../../lib/reid/survey/report.ts';

export const isSurvey = (report: object): report is SurveyReport =>
  'analysis' in report && report.analysis === 'survey';

export function formatSurvey({ sentences, refused, report }: SurveyReport): string {
  return [
    ...sentences,
    ...(refused.length === 0 ? [] : ['']),
    ...refused.flatMap(({ about, reason, advice, command }) => [
      `  no ${about}: ${reason}`,
      ...(advice === null ? [] : [`    ${advice}`]),
      ...(command === null ? [] : [`    ${command}`]),
    ]),
    '',
    `page     ${report}`,
  ].join('\n');
}
