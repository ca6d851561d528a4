// What a method at a threshold would write, picture by picture. Pure: nothing is written here.
import { createHash } from 'node:crypto';
import type { Dataset } from '../dataset/dataset.ts';
import type { Detection } from '../dataset/records.ts';
import type { MethodName } from '../matching/methods.ts';
import type { ThresholdRow } from '../study/rates.ts';
import type { Studied } from '../study/study.ts';
import { findVerdicts, type Verdict } from './verdicts.ts';

/** One picture whose name would change. */
export interface PlannedRow {
  detection: string;
  /** null: a name that an earlier run of ours wrote is taken off, because a person said no. */
  deer: string | null;
  /** What is there now: nothing, or what an earlier run of ours wrote. */
  old: string | null;
  event: string;
  score: number | null;
  by: 'score' | 'verdict';
}

export interface PlanCounts {
  detections: number;
  events: number;
  /** Of these detections: by a person's verdict, changed from an earlier run, taken off. */
  by_verdict: number;
  changed: number;
  taken_off: number;
  /** Assigned in the database now, and after the plan, of all that could be. */
  assigned_now: number;
  assigned_then: number;
  total: number;
  /** Events that reach the threshold and are left alone, by reason. */
  left: { tied: number; other_name: number; said_none: number; contradicting: number };
}

export interface PlannedDeer {
  deer: string;
  name: string;
  detections: number;
  events: number;
  /** Pictures with this name now. */
  now: number;
}

/** What may be wrong with what the scores decide. */
export interface PlanRisk {
  fpir_upper: number | null;
  mis: number | null;
  /** p0; null where not known. */
  unknown_share: number | null;
  /** Searches that the scores decide. */
  searches: number;
  /** Expected wrong assignments, at most; null where the rates are not known. */
  wrong_events: number | null;
  wrong_detections: number | null;
}

export interface PlanBody {
  method: MethodName;
  threshold: number;
  counts: PlanCounts;
  deer: PlannedDeer[];
  risk: PlanRisk;
  rows: PlannedRow[];
}

export interface PlanGrounds {
  /** Why it is planned although no recommendation holds; null where one does. */
  despite: string | null;
  /** Of the database that it was made from. */
  fingerprint: string;
}

interface Decision {
  /** null: to nobody. */
  deer: string | null;
  score: number | null;
  by: 'score' | 'verdict';
  left?: keyof PlanCounts['left'];
}

const NOBODY: Decision = { deer: null, score: null, by: 'score' };

/** An event with a verdict follows it; the others follow the scores. */
function decide({ dataset, searches }: Studied, event: number, verdict: Verdict, threshold: number): Decision {
  const { first, firstScore, second, secondScore } = searches.all[event]!;
  const reaches = firstScore >= threshold;
  const nameProfile = (profile: number): string | null => (profile < 0 ? null : dataset.profiles[profile]!.id);
  if (verdict.kind === 'same') {
    const score =
      nameProfile(first) === verdict.deer ? firstScore : nameProfile(second) === verdict.deer ? secondScore : null;
    return { deer: dataset.names.has(verdict.deer) ? verdict.deer : null, score, by: 'verdict' };
  }
  if (verdict.kind !== 'open') {
    const left = verdict.kind === 'none' ? 'said_none' : 'contradicting';
    return { ...NOBODY, by: 'verdict', ...(reaches ? { left } : {}) };
  }
  if (!reaches) return NOBODY;
  if (secondScore === firstScore) return { ...NOBODY, left: 'tied' };
  if (!verdict.not.includes(nameProfile(first)!)) return { deer: nameProfile(first), score: firstScore, by: 'score' };
  if (secondScore >= threshold && !verdict.not.includes(nameProfile(second)!))
    return { deer: nameProfile(second), score: secondScore, by: 'score' };
  return { ...NOBODY, by: 'verdict' };
}

/**
 * The pictures of an event that a decision changes, and the name they get. A visit is of one
 * animal: where a picture has another name that is not ours, the visit is left alone. Even then,
 * and below the threshold, a name of ours that a person said no to is taken off.
 */
function planEvent(list: readonly Detection[], { deer, by }: Decision, verdict: Verdict) {
  const ours = list.filter((picture) => picture.deer === null);
  const isBlocked = deer !== null && list.some((picture) => picture.deer !== null && picture.deer !== deer);
  if (deer !== null && !isBlocked)
    return { isBlocked, deer, by, pictures: ours.filter(({ applied }) => (applied ?? null) !== deer) };
  const pictures = ours.filter(({ applied }) => applied != null && isRefuted(verdict, applied));
  return { isBlocked, deer: null, by: 'verdict' as const, pictures };
}

function isRefuted(verdict: Verdict, name: string): boolean {
  if (verdict.kind === 'same') return name !== verdict.deer;
  return verdict.kind !== 'open' || verdict.not.includes(name);
}

/** @param study the method's, with whole events */
export function makePlan(study: Studied, method: MethodName, threshold: number): PlanBody {
  const { dataset, events } = study;
  const findVerdict = findVerdicts(dataset, events);
  const rows: PlannedRow[] = [];
  const left: PlanCounts['left'] = { tied: 0, other_name: 0, said_none: 0, contradicting: 0 };
  const changed = new Map<string, Set<string>>();
  let [searches, assigned, pictures] = [0, 0, 0];
  events.list.forEach(({ id, rows: own }, event) => {
    const verdict = findVerdict(event);
    const decision = decide(study, event, verdict, threshold);
    if (decision.left !== undefined) left[decision.left]++;
    if (decision.by === 'score') {
      searches++;
      assigned += Number(decision.deer !== null);
      pictures += decision.deer === null ? 0 : own.length;
    }
    const list = own.map((row) => dataset.detections[row]!);
    const { isBlocked, deer, by, pictures: planned } = planEvent(list, decision, verdict);
    if (isBlocked) left.other_name++;
    for (const { id: detection, applied } of planned) {
      rows.push({ detection, deer, old: applied ?? null, event: id, score: decision.score, by });
      changed.set(deer ?? '', (changed.get(deer ?? '') ?? new Set()).add(id));
    }
  });
  const risk = assessRisk(study, study.rates([threshold])[0]!, searches, assigned === 0 ? 0 : pictures / assigned);
  return {
    method,
    threshold,
    counts: countRows(dataset, rows, left),
    deer: listDeer(dataset, rows, changed),
    risk,
    rows,
  };
}

function countRows({ assigned, total }: Dataset, rows: readonly PlannedRow[], left: PlanCounts['left']): PlanCounts {
  const having = (holds: (row: PlannedRow) => boolean): number => rows.filter(holds).length;
  const [filled, takenOff] = [having(({ old }) => old === null), having(({ deer }) => deer === null)];
  return {
    ...{ detections: rows.length, events: new Set(rows.map(({ event }) => event)).size },
    by_verdict: having(({ by }) => by === 'verdict'),
    changed: having(({ old, deer }) => old !== null && deer !== null),
    ...{ taken_off: takenOff, assigned_now: assigned, assigned_then: assigned + filled - takenOff, total, left },
  };
}

function listDeer(
  { detections, names }: Dataset,
  rows: readonly PlannedRow[],
  events: ReadonlyMap<string, ReadonlySet<string>>,
): PlannedDeer[] {
  const now = new Map<string, number>();
  for (const { deer, applied } of detections) {
    const name = deer ?? applied ?? null;
    if (name !== null) now.set(name, (now.get(name) ?? 0) + 1);
  }
  return [
    ...Map.groupBy(
      rows.filter(({ deer }) => deer !== null),
      ({ deer }) => deer!,
    ),
  ]
    .map(([deer, { length }]) => ({
      ...{ deer, name: names.get(deer) ?? deer, detections: length, events: events.get(deer)?.size ?? 0 },
      now: now.get(deer) ?? 0,
    }))
    .sort((a, b) => b.detections - a.detections || (a.deer < b.deer ? -1 : 1));
}

/**
 * p0 x upper(FPIR) x events + (1 - p0) x MIS x events, as events and as pictures of deer. Where p0
 * is not known it is taken to be what makes most errors.
 */
function assessRisk(
  { unknown }: Studied,
  { fpir_upper: upper, mis }: ThresholdRow,
  searches: number,
  size: number,
): PlanRisk {
  const about = { fpir_upper: upper, mis, unknown_share: unknown.share, searches };
  if (upper === null || mis === null) return { ...about, wrong_events: null, wrong_detections: null };
  const p0 = unknown.share ?? (upper >= mis ? 1 : 0);
  const wrong = searches * (p0 * upper + (1 - p0) * mis);
  return { ...about, wrong_events: wrong, wrong_detections: wrong * size };
}

/**
 * SHA-256 of what a plan would write, why, and of which database: a plan that was changed by hand
 * is not carried out.
 */
export function hashPlan(plan: Pick<PlanBody, 'method' | 'threshold' | 'rows'> & PlanGrounds): string {
  const { method, threshold, despite, fingerprint } = plan;
  const rows = plan.rows.map((row) => [row.detection, row.deer, row.old, row.score]);
  return createHash('sha256')
    .update(JSON.stringify([method, threshold, despite, fingerprint, rows]))
    .digest('hex');
}
