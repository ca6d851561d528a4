// `npm run reid -- apply`: a plan, its run, and the undoing of a run, for a person at a terminal.
import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { Fault } from '../../lib/errors.ts';
import { count, listWords } from '../../lib/format.ts';
import { describePlan } from '../../lib/reid/apply/words.ts';
import { METHOD_NAMES, type MethodName } from '../../lib/reid/matching/methods.ts';

export const APPLY_USAGE = `Usage: npm run reid -- apply --method ${METHOD_NAMES.join('|')} --threshold 0.57 [--despite "reason"] [--output FILE.html] [--json]
       npm run reid -- apply --write --plan FILE.json [--by NAME]
       npm run reid -- apply --undo RUN`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const options = {
  ...{ method: text, threshold: text, despite: text, output: text, plan: text, undo: text, by: text },
  ...{ write: flag, json: flag },
} as const;

type Values = ReturnType<typeof readValues>;
const readValues = (args: string[]) => parseArgs({ args, options }).values;

/** @throws Error with APPLY_USAGE, or with the name of an unknown option, before any work */
export function parseApply(args: string[]): Values {
  const values = readValues(args);
  const ways = [values.method !== undefined, values.write || values.plan !== undefined, values.undo !== undefined];
  const isNumber = (text: string | undefined): boolean =>
    text !== undefined && text.trim() !== '' && Number.isFinite(Number(text));
  const broken =
    ways.filter(Boolean).length !== 1 ||
    (values.method !== undefined && (!isMethod(values.method) || !isNumber(values.threshold))) ||
    (ways[1]! && (!values.write || values.plan === undefined)) ||
    (values.undo !== undefined && !/^[1-9]\d{0,14}$/.test(values.undo)) ||
    values.despite?.trim() === '';
  if (broken) throw new Error(APPLY_USAGE);
  return values;
}

const isMethod = (name: string): name is MethodName => (METHOD_NAMES as readonly string[]).includes(name);

/** Who writes: for the journal. */
const nameWriter = ({ by }: Values): string => by?.trim().slice(0, 200) || userInfo().username;

/**
 * @param values as parseApply gives them
 * @returns what the terminal shows
 */
export async function runApply(environment: Record<string, string>, values: Values): Promise<string[]> {
  Object.assign(process.env, { OUTPUT_ROOT: process.cwd() }, environment);
  // Only now: the modules read the environment when they are imported.
  const { database } = await import('../../lib/clients.ts');
  const { reidPictures, reidPorts } = await import('../../lib/wiring.ts');
  const { carryOut, planAssignments, takeBack } = await import('../../lib/reid/assign.ts');
  try {
    const ports = reidPorts();
    if (values.undo !== undefined) return describeUndone(values.undo, await takeBack(ports, Number(values.undo)));
    if (values.write) {
      const done = await carryOut(ports, await readPlanFile(values.plan!), nameWriter(values));
      return [
        `Run ${done.run}: ${count(done.detections, 'picture')} written (${done.method} at ${done.threshold}).`,
        `To undo it, type: npm run reid -- apply --undo ${done.run}`,
      ];
    }
    const { method, threshold, despite, output = 'out/reid_plan.html' } = values;
    const plan = await planAssignments(
      ports,
      { method: method as MethodName, threshold: Number(threshold), despite, output },
      reidPictures(),
    );
    if (values.json) return [JSON.stringify({ ...plan, rows: plan.rows.length }, null, 2)];
    return [
      ...describePlan(plan),
      '',
      ...[`plan     ${plan.plan_file}`, `list     ${plan.list}`, `page     ${plan.page}`],
      `To carry it out, type: npm run reid -- apply --write --plan ${plan.plan_file}`,
    ];
  } finally {
    await database().close();
  }
}

async function readPlanFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new Fault('invalid', `the plan cannot be read: ${path}`, { cause });
  }
}

function describeUndone(
  run: string,
  { restored, rest, deer }: { restored: number; rest: { detection: string; now: string | null }[]; deer: string[] },
): string[] {
  return [
    `Run ${run}: ${count(restored, 'picture')} restored.`,
    ...(rest.length === 0
      ? []
      : [
          `${count(rest.length, 'picture')} ${rest.length === 1 ? 'is' : 'are'} no longer as the run left them and ${rest.length === 1 ? 'was' : 'were'} not touched:`,
          ...rest.map(({ detection, now }) => `  ${detection} is now ${now ?? 'without a deer'}`),
        ]),
    ...(deer.length === 0 ? [] : [`First and last sighting stay as they are for: ${listWords(deer, 10)}.`]),
  ];
}
