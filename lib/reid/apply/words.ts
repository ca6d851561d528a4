// A plan in sentences: what it would write, and what may be wrong with it.
import { count, number, percent } from '../../format.ts';
import { formatScore } from '../analysis/words.ts';
import { findMethod } from '../matching/methods.ts';
import type { Plan } from './file.ts';
import type { PlanCounts } from './plan.ts';

const note = (n: number, sentence: (n: number) => string): string[] => (n > 0 ? [sentence(n)] : []);

export function describePlan({ method, threshold, counts, risk, despite, deer }: Plan): string[] {
  const { detections, events, by_verdict: byVerdict, changed, taken_off: off } = counts;
  const { assigned_now: now, assigned_then: then, total } = counts;
  const share = (n: number): string => (total === 0 ? '-' : percent(n / total));
  return [
    `This plan writes on ${count(detections, 'picture')} of ${count(events, 'visit')}, with the names of ${count(deer.length, 'deer')}: method "${findMethod(method).label}" at ${formatScore(threshold)}.`,
    `Assigned are ${number(now)} of ${count(total, 'detection')} now (${share(now)}) and ${number(then)} then (${share(then)}).`,
    risk.fpir_upper === null
      ? 'How many visits of strangers get the name of a deer is not known.'
      : `At most ${percent(risk.fpir_upper)} of the visits of strangers get the name of a deer, with 95% confidence.`,
    risk.wrong_detections === null
      ? 'How many names are wrong cannot be estimated.'
      : `At most about ${number(Math.ceil(risk.wrong_detections))} pictures (${count(Math.ceil(risk.wrong_events!), 'visit')}) of all that the scores decide are expected to get a wrong name${risk.unknown_share === null ? '; the share of strangers is not known and taken to be what makes most errors' : `, with ${percent(risk.unknown_share)} of the visits by strangers`}.`,
    ...note(byVerdict, (n) => `${count(n, 'picture')} ${n === 1 ? 'follows' : 'follow'} a verdict of a person.`),
    ...note(changed, (n) => `${count(n, 'picture')} had another name of an earlier run.`),
    ...note(
      off,
      (n) => `${count(n, 'picture')} ${n === 1 ? 'loses' : 'lose'} a name of an earlier run that a person said no to.`,
    ),
    ...describeLeft(counts),
    'Names that people or the platform gave are not touched.',
    ...(despite === null ? [] : [`No recommendation holds for this. Planned despite that: ${despite}`]),
  ];
}

const describeLeft = ({ left }: PlanCounts): string[] => [
  ...note(
    left.other_name,
    (n) =>
      `${count(n, 'visit')} ${n === 1 ? 'has' : 'have'} a picture with another name, and ${n === 1 ? 'is' : 'are'} left alone.`,
  ),
  ...note(left.said_none, (n) => `${count(n, 'visit')} would match, but a person said that it is none of the deer.`),
  ...note(left.contradicting, (n) => `${count(n, 'visit')} would match, but the verdicts contradict each other.`),
  ...note(
    left.tied,
    (n) =>
      `${count(n, 'visit')} ${n === 1 ? 'matches' : 'match'} two deer equally well, and ${n === 1 ? 'gets' : 'get'} no name.`,
  ),
];
