// A head count as a table: as the animals were named, and what is left without misses.
import { count, number, percent } from '../../format.ts';
import { sayRange } from '../../survey/counts/sentences.ts';
import type { HeadCount, HeadCounted, Interval, ModelEstimate } from '../../survey/counts/types.ts';
import { isRefusal, NAMES } from '../../survey/sentences.ts';
import { escapeHtml, renderTable } from './shell.ts';
import { renderList } from './summary.ts';

const HEAD_COLUMNS = ['', 'naive: as named', 'corrected: misses taken out'];

const NOTHING = 'not given';

const formatInterval = (interval: Interval | null): string =>
  interval === null ? NOTHING : `${number(interval.estimate, 1)} (${sayRange(interval)})`;

function formatModel({ estimate, lower, upper, reason }: ModelEstimate): string {
  if (estimate === null) return reason ?? NOTHING;
  const limits = lower === null || upper === null ? ' (no interval)' : ` (${sayRange({ lower, upper })})`;
  return `${number(estimate, 1)}${limits}`;
}

/** Rows under HEAD_COLUMNS, on the page and at a terminal. */
function headRows({ naive, corrected }: HeadCounted): string[][] {
  const better = isRefusal(corrected) ? undefined : corrected;
  const beside: Readonly<Record<string, string | undefined>> = {
    'Mh (Chao)': better === undefined || isRefusal(better.chao) ? undefined : formatInterval(better.chao),
    M0: better === undefined ? undefined : formatInterval(better.m0),
  };
  const completeness = better?.completeness ?? null;
  return [
    ['animals seen', count(naive.identities, 'name'), formatInterval(better?.seen ?? null)],
    ...naive.models.map((model) => [
      `animals that use the sites, ${model.model}`,
      formatModel(model),
      beside[model.model] ?? NOTHING,
    ]),
    ...(completeness === null
      ? []
      : [
          [
            'part of them that is on the list',
            NOTHING,
            `${percent(completeness.estimate)} (${percent(completeness.lower)} to ${percent(completeness.upper)})`,
          ],
        ]),
    ['events', count(naive.events, 'event'), NOTHING],
    [
      'animals with one event',
      number(naive.singles),
      better === undefined ? '-' : `${number(better.ghosts, 1)} ghosts`,
    ],
  ];
}

/** How many events were gone through, and what the count says of itself. */
function headFacts({ reviewed, sentences }: HeadCount, said: string | undefined): string[] {
  const { events, unknown, identified } = reviewed;
  return [
    `${count(events, 'event')} of the class in the window and ${number(unknown)} of unknown class; ${number(identified)} of the class have an identity.`,
    ...sentences.filter((sentence) => sentence !== said),
  ];
}

const HEADLINE = 'animals that use the sites, Mh (Chao)';
const markHeadline = ([name]: readonly string[]): string => (name === HEADLINE ? 'then' : '');

/** The advice that goes with every count: all ghosts are among these. */
function renderSingles(title: string, heads: HeadCount): string {
  if (heads.refusal !== null || heads.singles.length === 0) return '';
  const rows = heads.singles.map(({ identity, event, lookedTwice }) => [identity, event, lookedTwice ? 'yes' : 'no']);
  const caption = `${title}: seen once`;
  const summary = `Animals with one event (${number(rows.length)}): all ghosts are among them`;
  return `<details><summary>${escapeHtml(summary)}</summary>${renderTable(caption, { columns: ['animal', 'event', 'looked at twice'], rows })}</details>`;
}

/** A section for one class: its table, or why there is none. */
export function renderHeads(heads: HeadCount): string {
  const title = `How many ${NAMES[heads.class]}`;
  const refusal = heads.refusal ?? (isRefusal(heads.corrected) ? heads.corrected : null);
  const why = refusal === null ? '' : `<p><strong>${escapeHtml(refusal.sentence)}</strong></p>`;
  const table =
    heads.refusal !== null ? '' : renderTable(title, { columns: HEAD_COLUMNS, rows: headRows(heads) }, markHeadline);
  return `<section><h2>${escapeHtml(title)}</h2>
${why}
${table}
${renderList(headFacts(heads, refusal?.sentence))}
${renderSingles(title, heads)}</section>`;
}
