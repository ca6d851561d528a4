// A plan as a file: JSON that is carried out, and a list for a spreadsheet.
import { Ajv } from 'ajv';
import Type, { type Static } from 'typebox';
import { Fault } from '../../errors.ts';
import { METHOD_NAMES, type MethodName } from '../matching/methods.ts';
import { hashPlan, type PlanBody, type PlanGrounds } from './plan.ts';

const UUID = '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$';
const id = () => Type.String({ pattern: UUID });
const maybe = () => Type.Union([id(), Type.Null()]);
const Row = Type.Object({
  ...{ detection: id(), deer: maybe(), old: maybe(), event: Type.String(), by: Type.String() },
  score: Type.Union([Type.Number(), Type.Null()]),
});
const PlanFile = Type.Object({
  format: Type.Literal('hoofprint-plan'),
  version: Type.Literal(1),
  made_at: Type.String(),
  method: Type.Unsafe<MethodName>(Type.String({ enum: [...METHOD_NAMES] })),
  threshold: Type.Number(),
  despite: Type.Union([Type.String({ maxLength: 500 }), Type.Null()]),
  fingerprint: Type.String(),
  hash: Type.String(),
  rows: Type.Array(Row, { maxItems: 10_000_000 }),
});

export type PlanFile = Static<typeof PlanFile>;

export interface Plan extends PlanBody, PlanGrounds {
  format: 'hoofprint-plan';
  version: 1;
  /** ISO instant. */
  made_at: string;
  hash: string;
}

/** @throws Fault `invalid` when the text is no plan, or one that was changed by hand */
export function readPlan(text: string): PlanFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Fault('invalid', 'the plan is not valid JSON', { cause });
  }
  const isPlan = new Ajv({ strict: true, allowUnionTypes: true }).compile<PlanFile>(PlanFile);
  if (!isPlan(value)) {
    const [problem] = isPlan.errors ?? [];
    throw new Fault('invalid', `this is no plan: ${problem?.instancePath || '/'} ${problem?.message}`);
  }
  if (hashPlan(value as unknown as PlanBody & PlanGrounds) !== value.hash)
    throw new Fault('invalid', 'the plan was changed after it was made; nothing was written. Make a new plan');
  return value;
}

export const PLAN_COLUMNS = ['detection', 'deer', 'deer_name', 'replaces', 'event', 'score', 'by'] as const;

/** Rows of cells under PLAN_COLUMNS. */
export function planCells({ rows, deer }: Plan): string[][] {
  const names = new Map(deer.map(({ deer: id, name }) => [id, name]));
  return rows.map(({ detection, deer: id, old, event, score, by }) => [
    ...[detection, id ?? '', id === null ? '' : (names.get(id) ?? ''), old ?? '', event],
    ...[score === null ? '' : score.toFixed(4), by],
  ]);
}
