// Charts as SVG; each has its numbers in a table below it.
import { month, number } from '../base/format.ts';
import { t } from '../base/strings.ts';
import { Table } from './common.tsx';

/** Color is not all: the order of bars and the table say the same. */
const shade = (at: number): string => `c${at % 6}`;

export interface MonthRate {
  month: string;
  class: string;
  events: number;
  trap_nights: number | null;
  rate: number | null;
}

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [720, 240, 44, 26, 10];

/** Round numbers up to at least `most`. */
function ticks(most: number): number[] {
  const rough = most / 4 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((n) => n * power).find((n) => n >= rough) ?? rough;
  return Array.from({ length: Math.floor(most / step) + 2 }, (_, n) => n * step);
}

const Legend = ({ names }: { names: readonly string[] }) => (
  <ul class="legend">
    {names.map((name, at) => (
      <li key={name}>
        <span class={`swatch ${shade(at)}`} />
        {name}
      </li>
    ))}
  </ul>
);

/** Groups of bars: one for each class in each month. */
export function MonthChart({ rows, labels }: { rows: readonly MonthRate[]; labels: Readonly<Record<string, string>> }) {
  const months = [...new Set(rows.map((row) => row.month))].sort();
  const classes = [...new Set(rows.map((row) => row.class))];
  const lines = ticks(Math.max(...rows.map(({ rate }) => rate ?? 0), 0.1));
  const most = lines.at(-1)!;
  const across = (WIDTH - LEFT) / Math.max(1, months.length);
  const bar = Math.min(26, (across * 0.8) / Math.max(1, classes.length));
  const y = (value: number): number => HEIGHT - BOTTOM - (value / most) * (HEIGHT - BOTTOM - TOP);
  const label = (name: string): string => labels[name] ?? name;
  return (
    <figure>
      <figcaption>{t.overview.chart}</figcaption>
      <section class="scroll" tabIndex={0} aria-label={t.overview.chart}>
        <svg class="wide" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={t.overview.chart}>
          {lines.map((value) => (
            <g key={value}>
              <line class="grid" x1={LEFT} x2={WIDTH} y1={y(value)} y2={y(value)} />
              <text x={LEFT - 6} y={y(value) + 4} class="right">
                {number(value, most < 4 ? 1 : 0)}
              </text>
            </g>
          ))}
          {months.map((name, at) => (
            <text key={name} x={LEFT + (at + 0.5) * across} y={HEIGHT - 8} class="middle">
              {months.length < 14 || at % 2 === 0 ? month(name) : ''}
            </text>
          ))}
          {rows.map((row) => {
            const [at, which] = [months.indexOf(row.month), classes.indexOf(row.class)];
            const x = LEFT + (at + 0.5) * across + (which - classes.length / 2) * bar;
            const top = y(row.rate ?? 0);
            return (
              <rect
                key={`${row.month} ${row.class}`}
                class={shade(which)}
                x={x}
                y={top}
                width={bar * 0.9}
                height={HEIGHT - BOTTOM - top}
              >
                <title>{`${label(row.class)}, ${month(row.month)}: ${number(row.rate, 1)}`}</title>
              </rect>
            );
          })}
        </svg>
      </section>
      <Legend names={classes.map(label)} />
      <Table
        title={t.overview.chart}
        head={[t.overview.month, ...classes.map(label)]}
        rows={months.map((name) => [
          month(name),
          ...classes.map((each) => number(rows.find((row) => row.month === name && row.class === each)?.rate, 1)),
        ])}
      />
    </figure>
  );
}

export function HourChart({ hours }: { hours: readonly number[] }) {
  const most = Math.max(...hours, 1);
  return (
    <figure>
      <figcaption>{t.deer.byHour}</figcaption>
      <svg viewBox="0 0 480 120" role="img" aria-label={t.deer.byHour}>
        {hours.map((count, hour) => (
          <g key={hour}>
            <rect class="c0" x={hour * 20 + 2} y={100 - (count / most) * 92} width={16} height={(count / most) * 92}>
              <title>{`${hour}:00: ${count}`}</title>
            </rect>
            {hour % 3 === 0 && (
              <text x={hour * 20 + 10} y={115} class="middle">
                {hour}
              </text>
            )}
          </g>
        ))}
      </svg>
      <Table
        title={t.deer.byHour}
        head={[t.deer.hour, t.deer.events]}
        rows={hours.map((count, hour) => [`${hour}:00`, number(count)])}
      />
    </figure>
  );
}
