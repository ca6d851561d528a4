// The words and numbers above the charts: the recommendation, what the data are, and on what
// evidence they stand.
import type { Overview } from '../analysis/overview.ts';
import type { ThresholdRow } from '../study/rates.ts';
import { count, percent } from './charts/figure.ts';
import { escapeHtml, table } from './shell.ts';

const facts = (pairs: readonly (readonly [string, string])[]): string =>
  `<dl class="facts">${pairs.map(([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`).join('')}</dl>`;

const list = (lines: readonly string[]): string =>
  `<ul>${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul>`;

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;

/** What should be done, with the numbers it rests on. */
export function verdict({ current_threshold: current, recommendation }: Overview): string {
  const { threshold, reason, what_would_change: change, warnings, setting, improvement } = recommendation;
  const headline =
    threshold === null ? 'No threshold can be recommended' : `Recommended threshold: ${threshold.toFixed(2)}`;
  const told = threshold === null ? reason.replace(/^no threshold can be recommended: /, '') : reason;
  const parts = [
    `<strong>${escapeHtml(headline)}</strong>`,
    `<p>${escapeHtml(sentence(told))}${setting === null ? '' : ` After looking, a person would set <code>${escapeHtml(setting)}</code>; nothing here sets it. Now: ${current.toFixed(2)}.`}</p>`,
  ];
  if (recommendation.assignment_rate !== null) {
    parts.push(
      facts([
        ['detections assigned', percent(recommendation.assignment_rate)],
        [
          'against now',
          improvement?.relative == null
            ? '-'
            : `${improvement.relative >= 0 ? '+' : ''}${percent(improvement.relative)}`,
        ],
        ['strangers assigned, at most (FPIR bound)', percent(recommendation.fpir_upper)],
        ['known deer missed (FNIR)', percent(recommendation.fnir)],
        ['known deer taken for another (MIS)', percent(recommendation.mis)],
        ['wrong among assignments (FDP), with the bound of FPIR', percent(recommendation.fdp_upper)],
      ]),
    );
  }
  if (change.length > 0) parts.push(`<p>What would change this:</p>${list(change.map(sentence))}`);
  if (warnings.length > 0) parts.push(`<p>Warnings:</p>${list(warnings.map(sentence))}`);
  return `<section class="verdict${threshold === null ? ' none' : ''}" aria-label="Recommendation">${parts.join('\n')}</section>`;
}

/** The thresholds that were asked for. */
export function requested(
  rows: readonly ThresholdRow[],
  { current_threshold: current, recommendation }: Overview,
): string {
  if (rows.length === 0) return '';
  const cells = rows.map((row) => [
    row.threshold.toFixed(2),
    count(row.assigned_count),
    percent(row.assignment_rate),
    percent(row.event_assignment_rate),
    percent(row.fpir),
    percent(row.fpir_upper),
    percent(row.fnir),
    percent(row.mis),
    percent(row.fdp_upper),
  ]);
  const columns = ['threshold', 'detections', 'assigned', 'events', 'FPIR', 'at most', 'FNIR', 'MIS', 'FDP with bound'];
  const mark = ([at]: readonly string[]): string =>
    at === current.toFixed(2) ? 'now' : at === recommendation.threshold?.toFixed(2) ? 'then' : '';
  return `<section><h2>The thresholds asked for</h2>${table('The thresholds asked for', { columns, rows: cells }, mark)}
<p class="quiet">FPIR: share of searches of animals that are not enrolled that find a deer all the same; "at most" is its one-sided 95 % bound with animals as clusters. FNIR: share of searches of enrolled deer that miss it. MIS: share that find another deer. FDP: share of wrong ones among all assignments, with that bound in the place of FPIR; MIS and the share of strangers go in as they were found.</p></section>`;
}

export function ground(head: Overview): string {
  const { left_out: out, evidence } = head;
  const left: (readonly [string, number])[] = [
    ['invalid', out.detections.invalid],
    ['duplicate', out.detections.duplicate],
    ['of other animals', out.detections.otherClass],
    ['without vector', out.detections.withoutVector],
    ['vector not finite', out.detections.nonFinite],
    ['vector zero', out.detections.zero],
    ['vector of another size', out.detections.wrongSize],
    ['of another embedding version', out.detections.otherVersion],
    ['profiles without usable vector', Object.values(out.profiles).reduce((a, b) => a + b, 0)],
    ['detections in bursts that cannot be told apart', out.burst_detections],
  ];
  const told = left.filter(([, n]) => n > 0).map(([name, n]) => `${count(n)} ${name}`);
  const parts = [
    '<h2>What this rests on</h2>',
    facts([
      ['detections', count(head.total_detections)],
      ['assigned in the database now', `${count(head.assigned_detections)} (${percent(head.current_assignment_rate)})`],
      ['deer profiles', count(head.deer_profiles)],
      [
        'scores',
        head.stored_scores === null
          ? 'computed from vectors'
          : `${count(head.stored_scores.used)} stored by the platform`,
      ],
      ['events', count(head.events)],
      ['events counted', `${count(head.searches)}${head.sampled ? ' (a sample)' : ''}`],
      ['left out as sources of profiles', count(head.source_events)],
    ]),
  ];
  if (evidence !== null) {
    parts.push(
      facts([
        ['reviewed events', count(evidence.reviewedEvents)],
        ['of known deer', count(evidence.mated_searches)],
        [
          'of strangers, named',
          `${count(evidence.non_mated_searches)} of ${count(evidence.non_mated_animals)} animals`,
        ],
        ['unsure or contradicting', count(evidence.unsure + evidence.contradicting)],
        [
          'strangers among searches',
          evidence.unknown_share === null
            ? 'not known'
            : `${percent(evidence.unknown_share)} (${evidence.unknown_share_from})`,
        ],
        [
          'weights',
          { given: 'by inclusion probability', none: 'none: taken as random', mixed: 'mixed: refused' }[
            evidence.weighting
          ],
        ],
      ]),
    );
  }
  if (told.length > 0) parts.push(`<p>Left out: ${escapeHtml(told.join(', '))}.</p>`);
  if (head.notes.length > 0) parts.push(`<p>To be kept in mind:</p>${list(head.notes.map(sentence))}`);
  return `<section>${parts.join('\n')}</section>`;
}
