// What charts of errors say when there are no errors, or only one: a sentence that reads well and
// an axis that counts searches.
import { animalsFigure, strataFigure } from '../../lib/reid/pages/charts/breakdown.ts';
import { cumulativeFigure } from '../../lib/reid/pages/charts/distribution.ts';
import { assignmentFigure } from '../../lib/reid/pages/charts/rates.ts';
import { escapeHtml } from '../../lib/reid/pages/shell.ts';

const stranger = (i: number, wrong: number[]) => ({
  animal: `U${i}`,
  enrolled: false,
  class: 'doe',
  searches: 2,
  missed: [0, 0],
  wrong,
});
const stratum = (name: string, rates: number[]) => ({
  by: 'class' as const,
  stratum: name,
  of: 'non-mated' as const,
  n: 9,
  animals: 4,
  rates,
});
const AT = [0.7, 0.57];

test('no error at all: three animals are drawn, all are in the table, and no stratum is set against itself', () => {
  const figure = animalsFigure(
    Array.from({ length: 30 }, (_, i) => stranger(i, [0, 0])),
    AT,
    false,
  )!;
  expect(figure.reading).toBe(
    'There are no errors at 0.57. The chart shows 3 of 30 animals; the table shows all. In parentheses: reviewed searches.',
  );
  expect([figure.traces[0]!.x, figure.table.rows.length]).toEqual([[0, 0, 0], 30]);
  expect(strataFigure([stratum('doe', [0, 0]), stratum('buck', [0, 0])], AT, 'non-mated')!.reading).toMatch(
    /^At 0\.57: 0% in every group\. /,
  );
});

test('few errors: who has them, on an axis of whole searches', () => {
  const figure = animalsFigure([stranger(1, [0, 1]), stranger(2, [0, 0])], AT, false)!;
  expect(figure.reading).toContain('have 1 of 1 error at 0.57. The chart shows 1 of 2 animals, those with most errors');
  expect(figure.layout.xaxis).toMatchObject({ dtick: 1 });
  const spread = strataFigure([stratum('doe', [0, 0.1]), stratum('buck', [0, 0.25])], AT, 'non-mated')!.reading;
  expect(spread).toMatch(/^At 0\.57: from 10% \(doe\) to 25% \(buck\)\. /);
});

test.each([
  [[0.89, 0.9, 1], 'above'],
  [[0.1, 0.2, 0.69], 'below'],
])('a threshold that no score is near: %j is %s it, and no sentence is empty', (scores, side) => {
  const grid = scores.map((threshold) => ({
    threshold,
    assignment_rate: 0.5,
    event_assignment_rate: 0.5,
    assigned_count: 5,
    fmr: null,
    fnmr: null,
  }));
  const decision = { current_threshold: 0.7, recommendation: { threshold: null, qualifying_threshold: null } };
  const beyond = `Every best score is ${side} the current threshold of 0.70.`;
  expect(cumulativeFigure(grid as never, decision)!.reading).toBe(beyond);
  expect(assignmentFigure(grid as never, decision)!.reading).toBe(
    `${beyond} More assignments also mean more errors: see the next chart.`,
  );
});

test('a name cannot turn the text around it', () => {
  expect(escapeHtml('\u202eevil\u2066 <b>')).toBe('evil &lt;b&gt;');
});
