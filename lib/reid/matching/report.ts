// The JSON of the comparison of methods, and the three sentences that a person reads first.
import { count, number, percent } from '../../format.ts';
import type { Overview } from '../analysis/overview.ts';
import { NO_THRESHOLD } from '../analysis/recommend.ts';
import { formatAgainst, formatLimit, formatScore } from '../analysis/words.ts';
import type { Matching, MatchingFindings, MethodRow } from './matching.ts';

export interface MatchingReport extends Overview {
  /** What is safe now, what it would assign, what more reviews would buy. */
  sentences: string[];
  methods: MethodRow[];
  choice: MatchingFindings['choice'] | null;
  judged: MatchingFindings['judged'] | null;
  /** `stored`: kept with the recommendation, for plans and runs. */
  center: (NonNullable<MatchingFindings['center']> & { stored: boolean }) | null;
  searchable: MatchingFindings['searchable'] | null;
  outlook: MatchingFindings['outlook'] | null;
  /** The command of the next step; null without a recommendation. */
  apply: string | null;
  report: string | null;
}

/** The command that plans what a recommendation would write. */
const applyCommand = (method: string, threshold: number): string =>
  `npm run reid -- apply --method ${method} --threshold ${formatScore(threshold)}`;

export function reportMatching({ overview, findings }: Matching, maxFpir: number): MatchingReport {
  if (findings === null) {
    const nothing = { methods: [], choice: null, judged: null, center: null, searchable: null, outlook: null };
    return { ...overview, ...nothing, sentences: [sayUnsafe(overview)], apply: null, report: null };
  }
  const chosen = findings.methods.find((row) => row.chosen)!;
  const { threshold } = overview.recommendation;
  return {
    ...overview,
    sentences: [
      threshold === null ? sayUnsafe(overview) : saySafe(chosen, maxFpir),
      sayAssigned(overview, findings, chosen),
      sayOutlook(overview, findings, maxFpir),
    ],
    ...findings,
    center: findings.center === null ? null : { ...findings.center, stored: false },
    apply: threshold === null ? null : applyCommand(chosen.method, threshold),
    report: null,
  };
}

function sayUnsafe({ recommendation: { reason } }: Overview): string {
  const why = reason.startsWith(NO_THRESHOLD) ? reason.slice(NO_THRESHOLD.length) : reason;
  return `Nothing is safe now: ${why}.`;
}

const saySafe = ({ label, threshold, rates }: MethodRow, maxFpir: number): string =>
  `Safe now is the method "${label}" at ${formatScore(threshold!)}: at most ${formatAgainst(rates!.fpir_upper!, maxFpir)} of the visits of strangers would get the name of a deer (limit ${formatLimit(maxFpir)}).`;

function sayAssigned(overview: Overview, { methods, searchable, judged }: MatchingFindings, chosen: MethodRow): string {
  const { assigned, rates } = chosen;
  const now = `now ${count(overview.assigned_detections, 'detection')} ${overview.assigned_detections === 1 ? 'is' : 'are'} assigned`;
  if (assigned === null || rates === null) return `So it would assign nothing anew; ${now}.`;
  const all = searchable.detections;
  const own =
    judged.own_detections === 0
      ? ''
      : `, ${percent(assigned.other_detections / all)} without the visits that profiles and templates come from`;
  const before = methods[0]!;
  const missed =
    rates.fnir === null
      ? ''
      : ` It misses ${percent(rates.fnir)} of the visits of known deer${before === chosen || before.rates?.fnir == null ? '' : `; the method of now misses ${percent(before.rates.fnir)} at the threshold that is safe for it`}.`;
  return `It would assign ${number(assigned.detections)} of ${count(all, 'detection')} (${percent(assigned.detections / all)}${own}); ${now}.${missed}`;
}

function sayOutlook({ recommendation }: Overview, { outlook, choice }: MatchingFindings, maxFpir: number): string {
  const { reviews, threshold, assignment_rate: rate, fnir, needed } = outlook;
  const begin = `${reviews} more reviewed events, drawn at random,`;
  if (threshold === null) {
    return needed === null
      ? `${begin} would probably change nothing: ${choice.strangers === 0 ? 'no named stranger was reviewed yet' : `the bound would stay above ${formatLimit(maxFpir)}`}.`
      : `${begin} would probably not be enough; about ${number(needed)} would be, if they err as often as those until now.`;
  }
  const missed = fnir === null ? '' : ` and ${percent(fnir)} of the visits of known deer missed`;
  if (recommendation.threshold !== null && threshold >= recommendation.threshold)
    return `${begin} would probably not lower the threshold.`;
  return `${begin} would probably allow ${formatScore(threshold)}, with ${rate === null ? 'more' : percent(rate)} of detections assigned${missed}, if they err as often as those until now.`;
}
