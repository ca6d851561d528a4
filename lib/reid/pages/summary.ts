// The words and numbers around the charts: the recommendation, the requested thresholds, and what
// the analysis is based on.
import { count, threshold as formatThreshold, number } from '../../format.ts';
import type { EvidenceSummary, Overview } from '../analysis/overview.ts';
import { NO_THRESHOLD } from '../analysis/recommend.ts';
import type { ThresholdRow } from '../study/rates.ts';
import { percent } from './charts/figure.ts';
import { escapeHtml, renderTable } from './shell.ts';

type Fact = readonly [name: string, value: string];

const renderFacts = (facts: readonly Fact[]): string =>
  `<dl class="facts">${facts.map(([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`).join('')}</dl>`;

export const renderList = (sentences: readonly string[]): string =>
  `<ul>${sentences.map((text) => `<li>${escapeHtml(toSentence(text))}</li>`).join('')}</ul>`;

const toSentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;

/** The recommendation with its reason and the rates to expect, or why there is none. */
export function renderVerdict({ current_threshold: current, recommendation }: Overview): string {
  const { threshold, reason, what_would_change: change, warnings, setting } = recommendation;
  const headline =
    threshold === null ? 'No threshold can be recommended' : `Recommended threshold: ${formatThreshold(threshold)}`;
  const why = reason.startsWith(NO_THRESHOLD) ? reason.slice(NO_THRESHOLD.length) : reason;
  const apply =
    setting === null
      ? ''
      : ` To apply it after review, set <code>${escapeHtml(setting)}</code> (currently ${formatThreshold(current)}). This report changes no settings.`;
  const parts = [
    `<strong>${escapeHtml(headline)}</strong>`,
    `<p>${escapeHtml(toSentence(why))}${apply}</p>`,
    ...(recommendation.assignment_rate === null ? [] : [renderFacts(listRates(recommendation))]),
    ...(change.length === 0 ? [] : [`<p>What would change this:</p>${renderList(change)}`]),
    ...(warnings.length === 0 ? [] : [`<p>Warnings:</p>${renderList(warnings)}`]),
  ];
  return `<section class="verdict${threshold === null ? ' none' : ''}" aria-label="Recommendation">${parts.join('\n')}</section>`;
}

function listRates(recommendation: Overview['recommendation']): Fact[] {
  const relative = recommendation.improvement?.relative ?? null;
  return [
    ['detections assigned', percent(recommendation.assignment_rate)],
    ['change from now', `${relative !== null && relative >= 0 ? '+' : ''}${percent(relative)}`],
    ['strangers matched to a deer, at most (FPIR bound)', percent(recommendation.fpir_upper)],
    ['known deer missed (FNIR)', percent(recommendation.fnir)],
    ['known deer matched to another deer (MIS)', percent(recommendation.mis)],
    ['wrong assignments (FDP), with the bound of FPIR', percent(recommendation.fdp_upper)],
  ];
}

const COLUMNS = ['threshold', 'detections', 'assigned', 'events', 'FPIR', 'at most', 'FNIR', 'MIS', 'FDP with bound'];

const TERMS = [
  'FPIR: share of searches for unknown animals that wrongly matched a known deer; "at most" is its one-sided 95% bound, with all searches for one animal as a cluster.',
  'FNIR: share of searches for known deer that missed the deer.',
  'MIS: share of searches for known deer that matched another deer.',
  'FDP: share of all assignments that are wrong, computed with the bound of FPIR in place of FPIR, and with MIS and the share of strangers as measured.',
];

/** The thresholds of the request, as a table. */
export function renderRequested(
  rows: readonly ThresholdRow[],
  { current_threshold: current, recommendation }: Overview,
): string {
  if (rows.length === 0) return '';
  const cells = rows.map((row) => [
    formatThreshold(row.threshold),
    number(row.assigned_count),
    percent(row.assignment_rate),
    percent(row.event_assignment_rate),
    percent(row.fpir),
    percent(row.fpir_upper),
    percent(row.fnir),
    percent(row.mis),
    percent(row.fdp_upper),
  ]);
  const mark = ([at]: readonly string[]): string =>
    at === formatThreshold(current)
      ? 'now'
      : at === (recommendation.threshold === null ? '' : formatThreshold(recommendation.threshold))
        ? 'then'
        : '';
  return `<section><h2>Requested thresholds</h2>${renderTable('Requested thresholds', { columns: COLUMNS, rows: cells }, mark)}
<p class="quiet">${escapeHtml(TERMS.join(' '))}</p></section>`;
}

/** The data and the evidence of the analysis, what was left out, and what weakens it. */
export function renderBasis(overview: Overview): string {
  const left = listLeftOut(overview.left_out);
  const parts = [
    '<h2>What this is based on</h2>',
    renderFacts(listData(overview)),
    ...(overview.evidence === null ? [] : [renderFacts(listEvidence(overview.evidence))]),
    ...(left.length === 0 ? [] : [`<p>Left out: ${escapeHtml(left.join(', '))}.</p>`]),
    ...(overview.notes.length === 0 ? [] : [`<p>Keep in mind:</p>${renderList(overview.notes)}`]),
  ];
  return `<section>${parts.join('\n')}</section>`;
}

const listData = (overview: Overview): Fact[] => [
  ['detections', number(overview.total_detections)],
  [
    'assigned in the database now',
    `${number(overview.assigned_detections)} (${percent(overview.current_assignment_rate)})`,
  ],
  ['deer profiles', number(overview.deer_profiles)],
  [
    'scores',
    overview.stored_scores === null
      ? 'computed from vectors'
      : `${number(overview.stored_scores.used)} stored by the platform`,
  ],
  ['search events', number(overview.events)],
  ['events counted', `${number(overview.searches)}${overview.sampled ? ' (a sample)' : ''}`],
  ['left out as sources of profiles', number(overview.source_events)],
];

const WEIGHTS = {
  draws: 'by chance over the stored draws',
  given: 'by inclusion probability',
  several: 'by inclusion probability of the newest draw',
  none: 'none: treated as random',
  mixed: 'mixed: refused',
  unclear: 'of several draws: refused',
};

const listEvidence = (evidence: EvidenceSummary): Fact[] => [
  ['reviewed events', number(evidence.reviewedEvents)],
  ['of known deer', number(evidence.mated_searches)],
  ['of named strangers', `${number(evidence.non_mated_searches)} of ${count(evidence.non_mated_animals, 'animal')}`],
  ['unsure or contradicting', number(evidence.unsure + evidence.contradicting)],
  [
    'strangers among searches',
    evidence.unknown_share === null
      ? 'not known'
      : `${percent(evidence.unknown_share)} (${evidence.unknown_share_from})`,
  ],
  ['weights', WEIGHTS[evidence.weighting]],
];

function listLeftOut({ detections, profiles, burst_detections: inBursts }: Overview['left_out']): string[] {
  const reasons: Record<string, number> = {
    'not valid': detections.invalid,
    duplicate: detections.duplicate,
    'of other animals': detections.otherClass,
    'without a vector': detections.withoutVector,
    'with a vector that is not finite': detections.nonFinite,
    'with a zero vector': detections.zero,
    'with a vector of another length': detections.wrongSize,
    'of another embedding version': detections.otherVersion,
    'profiles without a usable vector': Object.values(profiles).reduce((a, b) => a + b, 0),
    'in bursts with two animals of one class in an image': inBursts,
  };
  return Object.entries(reasons).flatMap(([name, n]) => (n > 0 ? [`${number(n)} ${name}`] : []));
}
