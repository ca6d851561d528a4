// Tables of what the evidence speaks for: where and when strangers were reviewed, and at which
// scores nobody could decide.
import { threshold as formatThreshold, number } from '../../format.ts';
import type { EvidenceSummary } from '../analysis/overview.ts';
import type { CoverageRow } from '../study/coverage.ts';
import { percent } from './charts/figure.ts';
import { renderTable } from './shell.ts';

export function renderCoverage(coverage: readonly CoverageRow[], evidence: EvidenceSummary | null): string {
  const bands = evidence?.unsure_by_score ?? [];
  const parts = [
    ...(coverage.length === 0
      ? []
      : [
          '<p>A bound holds where and when the strangers were reviewed. Where their share differs much from that of the events, review more events there.</p>',
          renderTable('Reviewed strangers and all events', {
            columns: ['by', 'group', 'strangers', 'share', 'events', 'share of events'],
            rows: coverage.map(({ by, group, reviewed, reviewed_share, events, events_share }) => [
              ...[by, group, number(reviewed), percent(reviewed_share), number(events), percent(events_share)],
            ]),
          }),
        ]),
    ...(bands.every(({ unsure }) => unsure === 0)
      ? []
      : [
          renderTable('Reviewed events by best score', {
            columns: ['from score', 'reviewed', 'unsure', 'share unsure'],
            rows: bands.map(({ from, reviewed, unsure }) => [
              ...[formatThreshold(from), number(reviewed), number(unsure), percent(unsure / reviewed)],
            ]),
          }),
        ]),
  ];
  return parts.length === 0 ? '' : `<section><h2>What was reviewed</h2>${parts.join('\n')}</section>`;
}
