// The occupancy data set in the form of a new export.
import { schemas, occupancy as validate } from 'compiled-contracts';
import { dateRules } from '../../../exports/shared/rules.ts';
import { change, common, draft, unlessDefault } from '../base/draft.ts';
import { t } from '../base/strings.ts';
import { TextField } from '../parts/fields.tsx';
import { Coordinates, coordinatesIn } from './coordinates.tsx';
import type { FormKind, OptionsProps } from './kind.ts';

const Options = ({ shown }: OptionsProps) => (
  <>
    <TextField
      pointer="/occasion_days"
      label={t.form.occasionDays}
      type="number"
      problems={shown}
      value={draft.value.occasion_days}
      onChange={(occasion_days) => change({ occasion_days })}
    />
    <Coordinates shown={shown} />
  </>
);

export const occupancy: FormKind = {
  schema: schemas.occupancy,
  validate,
  rules: (body, today) => dateRules(body.start_date, body.end_date, today),
  isGrouped: false,
  toRequest: (value) => ({ ...common(value), ...coordinatesIn(value), ...unlessDefault(value, 'occasion_days') }),
  Options,
};
