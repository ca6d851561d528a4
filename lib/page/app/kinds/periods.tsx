// Periods that a report compares.
import { change, type DraftPeriod, draft } from '../base/draft.ts';
import { yearBefore } from '../base/presets.ts';
import { t } from '../base/strings.ts';
import { TextField } from '../parts/fields.tsx';
import type { OptionsProps } from './kind.ts';

export function Periods({ shown }: OptionsProps) {
  const periods = draft.value.comparison_periods;
  const set = (at: number, fields: Partial<DraftPeriod>): void =>
    change({ comparison_periods: periods.map((period, n) => (n === at ? { ...period, ...fields } : period)) });
  const add = (): void => {
    const { start_date, end_date } = draft.value;
    const last = periods.at(-1);
    const next = last === undefined ? { start_date, end_date } : yearBefore(last);
    change({ comparison_periods: [...periods, { ...next, label: next.start_date.slice(0, 4) }] });
  };
  const whole = shown.filter(({ pointer }) => pointer === '/comparison_periods');
  return (
    <fieldset>
      <legend>{t.form.periods}</legend>
      {periods.map((period, at) => (
        <div class="row" key={at}>
          <TextField
            pointer={`/comparison_periods/${at}/label`}
            label={t.form.label}
            problems={shown}
            value={period.label}
            onChange={(label) => set(at, { label })}
          />
          <TextField
            pointer={`/comparison_periods/${at}/start_date`}
            label={t.form.from}
            type="date"
            problems={shown}
            value={period.start_date}
            onChange={(start_date) => set(at, { start_date })}
          />
          <TextField
            pointer={`/comparison_periods/${at}/end_date`}
            label={t.form.to}
            type="date"
            problems={shown}
            value={period.end_date}
            onChange={(end_date) => set(at, { end_date })}
          />
          <button type="button" onClick={() => change({ comparison_periods: periods.filter((_, n) => n !== at) })}>
            {t.form.removePeriod(period.label)}
          </button>
        </div>
      ))}
      <button type="button" onClick={add}>
        {t.form.addPeriod}
      </button>
      <div class="wrong" aria-live="polite">
        {whole.map(({ detail }) => (
          <p key={detail}>{detail}</p>
        ))}
      </div>
    </fieldset>
  );
}
