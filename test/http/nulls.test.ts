// An optional field that is null counts as absent, in every contract and at any depth; a required
// one is refused as ever.
import type { Context } from 'aws-lambda';
import { pdfContract } from '../../lib/exports/pdf/request.ts';
import { zipContract } from '../../lib/exports/zip/request.ts';
import { invoke } from '../../lib/lambda/invoke.ts';
import { problemFinder } from '../../lib/lambda/validate.ts';
import { logFrom } from '../../lib/log.ts';
import {
  matchingContract,
  plotContract,
  scoresContract,
  surveyContract,
  thresholdsContract,
} from '../../lib/reid/input.ts';
import { TODAY } from './rules.ts';

beforeAll(() => logFrom('silent'));

const period = (label: unknown) => ({ start_date: '2023-09-01', end_date: '2023-11-30', label });
const season = { start_date: '2023-09-01', end_date: '2024-01-31', group_by: 'month' };
const trial = { threshold: 0.6, sample: 10 };
const CONTRACTS = {
  pdf: { contract: pdfContract, least: season },
  zip: { contract: zipContract, least: season },
  reidScores: { contract: scoresContract, least: {} },
  reidPlot: { contract: plotContract, least: {} },
  reidMatching: { contract: matchingContract, least: {} },
  reidSurvey: { contract: surveyContract, least: {} },
  reidThresholds: { contract: thresholdsContract, least: { trial } },
} as const;

const hasNull = (value: unknown): boolean =>
  value === null || (typeof value === 'object' && Object.values(value as object).some(hasNull));
const optionalOf = (schema: object): string[] => {
  const { properties = {}, required = [] } = schema as { properties?: object; required?: string[] };
  return Object.keys(properties).filter((name) => !required.includes(name));
};

test.each(Object.entries(CONTRACTS))(
  '%s: all optional fields null at once, and each alone',
  (_name, { contract, least }) => {
    const problemsOf = problemFinder(contract as typeof pdfContract);
    const optional = optionalOf(contract.schema).filter((name) => !(name in least));
    expect(optional.length).toBeGreaterThan(5);
    for (const nulls of [optional, ...optional.map((name) => [name])]) {
      const value = { ...structuredClone(least), ...Object.fromEntries(nulls.map((name) => [name, null])) };
      expect([nulls, problemsOf(value, TODAY)]).toEqual([nulls, []]);
      expect([nulls, hasNull(value)]).toEqual([nulls, false]);
    }
  },
);

test('inside of optional fields, too', () => {
  const value = { trial: { ...trial, seed: null } };
  expect(problemFinder(thresholdsContract)(value, undefined)).toEqual([]);
  expect(value).toEqual({ trial });
});

test.each([
  [{ ...season, start_date: null }, 'start_date must be a date in YYYY-MM-DD format'],
  [{ ...season, group_by: null }, 'group_by must be one of: day, week, month'],
  [
    { ...season, report_type: 'comparison', comparison_periods: [period(null), period('B')] },
    'comparison_periods[0].label must be text of 1 to 60 characters',
  ],
  [
    { ...season, report_type: 'comparison', comparison_periods: [null, period('B')] },
    'comparison_periods[0] must be an object with start_date, end_date and label',
  ],
  [{ ...season, locations: ['Ridge', null] }, 'locations[1] must be a location name of 1 to 200 characters'],
  [{ ...season, constructor: null }, 'constructor is not a known field; known fields: '],
])('a required null stays refused: %j', (value, detail) => {
  expect(problemFinder(pdfContract)(value, TODAY)[0]?.detail).toContain(detail);
});

test('an invoked function is given no null', async () => {
  const seen: unknown[] = [];
  const handler = invoke('reidThresholds', thresholdsContract, async (input) => seen.push(input));
  await handler({ thresholds: null, classes: null, output: null, trial: { ...trial, seed: null } }, {} as Context);
  await handler({ trial: null }, {} as Context);
  expect(seen).toEqual([{ trial }, {}]);
  await expect(handler({ trial: { ...trial, threshold: null } }, {} as Context)).rejects.toThrow(
    'trial.threshold must be a number from -1 to 1',
  );
});
