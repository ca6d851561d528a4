// The charts of a survey: activity over the day, and bucks over the weeks.
import { drawLines, type LineSeries } from '../../charts/index.ts';
import type { ClassActivity, Rut } from '../../survey/herd/index.ts';
import { look, MARKS } from './charts.ts';

/** Marks of a curve are this many points apart, and those of the next curve in between. */
const APART = 12;

/** Activity, 1 if it were the same all day; curves have marks that differ in gray too. */
export function dayChart(activity: readonly ClassActivity[], width: number, height: number): string {
  const series = activity.flatMap(({ density }, at): LineSeries[] => {
    const mark = MARKS[at];
    if (density === null || mark === undefined) return [];
    const { color, outline } = mark;
    const amounts = density.map((value) => 2 * Math.PI * value);
    const marked = amounts.map((value, i) => (i % APART === 2 + 4 * at ? value : null));
    return [
      { color, width: 1.1, amounts },
      { color, width: 1, amounts: marked, mark: { outline, size: 5 } },
    ];
  });
  const points = activity.find(({ density }) => density !== null)?.density?.length ?? 0;
  const labels = Array.from({ length: points }, (_, i) =>
    i % APART === 0 ? String((24 * i) / points).padStart(2, '0') : '',
  );
  return drawLines(series, { labels, intervals: 3 }, look(width, height));
}

const [STRONG, FAINT] = ['#14365d', '#9aa5ab'];

/** Buck events per 100 trap nights by week: the mean of three weeks, and thin each week alone. */
export const rutChart = ({ weeks }: Rut, width: number, height: number): string =>
  drawLines(
    [
      { color: FAINT, width: 0.7, amounts: weeks.map(({ rate }) => rate) },
      { color: STRONG, width: 1.3, amounts: weeks.map(({ mean }) => mean) },
    ],
    { labels: weeks.map(({ week }) => `W${week.slice(6)}`), intervals: 2 },
    look(width, height),
  );
