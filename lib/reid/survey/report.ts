// The JSON of a survey: what it found with the names of the API, and dates as days.
import { formatDay } from '../../survey/counts/index.ts';
import type { DayRange, HeadCount } from '../../survey/counts/types.ts';
import { listMends, type Mend } from '../../survey/mends.ts';
import { listNumbers, type SurveyNumber } from '../../survey/numbers.ts';
import { isRefusal, saySurvey } from '../../survey/sentences.ts';
import type { Days, Survey } from '../../survey/survey.ts';

type Json = { [name: string]: unknown };

export interface SurveyReport extends Json {
  analysis: 'survey';
  period: Days & { asked: boolean };
  /** Three: how many, ratios, movement. */
  sentences: string[];
  /** Those that are looked at first. */
  numbers: SurveyNumber[];
  /** What is refused, and what would mend it. */
  refused: Mend[];
  report: string | null;
}

const snakeName = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Names of fields as the API writes them; what they hold stays, but for numbers without an end. */
function toSnake(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toSnake);
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [snakeName(name), toSnake(inner)]));
}

const asDays = <Range extends DayRange>({ from, to, ...rest }: Range): Json => ({
  since: formatDay(from),
  until: formatDay(to),
  ...(toSnake(rest) as Json),
});

const reportHeads = ({ window, ...rest }: HeadCount): Json => ({
  ...(toSnake(rest) as Json),
  window: window === null ? null : asDays(window),
});

export function reportSurvey(survey: Survey): SurveyReport {
  const { period, asked, herd, heads, jacobson, ...about } = survey;
  return {
    analysis: 'survey',
    period: { ...period, asked },
    sentences: saySurvey(survey),
    numbers: listNumbers(survey),
    refused: listMends(survey),
    ...(toSnake(about) as Json),
    head_counts: heads.map(reportHeads),
    buck_ratio_index: jacobson !== null && isRefusal(jacobson) ? { refused: jacobson.sentence } : toSnake(jacobson),
    composition: toSnake(herd.composition),
    movement: toSnake(herd.movement),
    report: null,
  };
}
