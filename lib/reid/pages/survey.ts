// The page of a survey: three sentences, what is refused, head counts, ratios, movement, and what
// they are based on.
import { count, number } from '../../format.ts';
import { sayRange } from '../../survey/counts/sentences.ts';
import type { Mend } from '../../survey/mends.ts';
import { formatPeriod, isRefusal } from '../../survey/sentences.ts';
import type { Survey } from '../../survey/survey.ts';
import type { SurveyReport } from '../survey/report.ts';
import { script, style } from './browser.ts';
import type { Figure } from './charts/figure.ts';
import { accumulationFigure } from './charts/heads.ts';
import { activityFigure, compositionFigure, lightRows, weeksFigure } from './charts/herd.ts';
import { renderHeads } from './heads.ts';
import { renderFigure } from './index.ts';
import { escapeHtml, plotlyScript, renderShell, renderTable } from './shell.ts';
import { renderList } from './summary.ts';

const TITLE = 'What the herd is';

const renderMend = ({ about, reason, advice, command }: Mend): string =>
  `<li><strong>${escapeHtml(`${about.charAt(0).toUpperCase()}${about.slice(1)}`)}.</strong> ${escapeHtml(reason)}${advice === null ? '' : ` ${escapeHtml(advice)}`}${command === null ? '' : ` <code>${escapeHtml(command)}</code>`}</li>`;

function renderSaid({ sentences, refused }: SurveyReport): string {
  const [first = '', ...others] = sentences;
  const isNone = refused.some(({ about }) => about.startsWith('head count of bucks'));
  return `<section class="verdict${isNone ? ' none' : ''}" aria-label="In short"><strong>${escapeHtml(first)}</strong>
${others.map((sentence) => `<p>${escapeHtml(sentence)}</p>`).join('\n')}</section>
${refused.length === 0 ? '' : `<section><h2>What is not given, and what would mend it</h2><ul>${refused.map(renderMend).join('\n')}</ul></section>`}`;
}

function renderIndex({ jacobson }: Survey): string {
  if (jacobson === null || isRefusal(jacobson)) return '';
  const rows = (['bucks', 'does', 'fawns', 'total'] as const).map((name) => [
    name,
    number(jacobson[name].estimate),
    sayRange(jacobson[name]),
  ]);
  return `<section><h2>Buck ratio index (Jacobson)</h2>${renderTable('Buck ratio index', { columns: ['class', 'index', 'interval of the bucks'], rows })}
${renderList(jacobson.sentences)}</section>`;
}

const renderLight = ({ herd: { movement } }: Survey): string =>
  movement.light === null || movement.light.length === 0
    ? ''
    : `<section><h2>Day, twilight, and night</h2>${renderTable('Day, twilight, and night', { columns: ['class', 'events', 'day', 'twilight', 'night'], rows: lightRows(movement.light) })}
<p class="quiet">Twilight: the sun is at most 6 degrees below the horizon.</p></section>`;

function renderData(survey: Survey): string {
  const { period, timeZone, places, trapNights, events, seed, classes, locations, herd } = survey;
  // A window that is asked for may have moved the period.
  const isUsual = !survey.asked && !survey.heads.some(({ window }) => window?.asked === true);
  const facts = [
    `Period: ${formatPeriod(period)}${isUsual ? ', the twelve months up to the last detection' : ''} (time zone ${timeZone})`,
    `${count(events, 'independent deer event')} at ${count(places, 'location')}, ${count(Math.round(trapNights), 'trap night')}`,
    ...(classes === null ? [] : [`Only these classes: ${classes.join(', ')}`]),
    ...(locations === null ? [] : [`Only these locations: ${locations.join(', ')}`]),
    'Head counts are of deer that use these camera sites: neither an area nor a density',
    `Random draws begin with seed ${seed}: the same data give the same numbers`,
    ...(herd.refused === null ? [] : [herd.refused]),
    ...herd.composition.notes,
    ...survey.notes,
  ];
  return `<section><h2>What this is based on</h2>${renderList(facts)}</section>`;
}

export interface SurveyPageOptions {
  /** When the survey was made, as it is shown. */
  made: string;
}

/** One HTML page, about 5 MB: it opens from disk and loads nothing from anywhere. */
export function surveyPage(survey: Survey, report: SurveyReport, { made }: SurveyPageOptions): string {
  const { heads, herd } = survey;
  const show = (found: (Figure | undefined)[]): Figure[] => found.filter((figure) => figure !== undefined);
  const grown = show(heads.map((each) => (each.refusal === null ? accumulationFigure(each) : undefined)));
  const moved = show([
    compositionFigure(herd.composition),
    activityFigure(herd.movement),
    weeksFigure(herd.movement.rut),
  ]);
  const body = `<header><h1>${escapeHtml(TITLE)}: ${escapeHtml(formatPeriod(survey.period))}</h1><p class="quiet">${escapeHtml(made)}. All numbers are computed from the database; nothing in it was changed.</p></header>
<main>
${renderSaid(report)}
${heads.map(renderHeads).join('\n')}
${grown.map(renderFigure).join('\n')}
${moved.map(renderFigure).join('\n')}
${renderLight(survey)}
${renderIndex(survey)}
${renderData(survey)}
</main>
<footer><p>docs/SURVEY.md explains each number, its formula and what it assumes.</p></footer>`;
  const charts = [...grown, ...moved].map(({ id, traces, layout, height }) => ({ id, traces, layout, height }));
  return renderShell({
    title: `${TITLE} - Hoofprint`,
    style,
    body,
    data: { analysis: report, figures: charts },
    scripts: [plotlyScript(), script],
  });
}
