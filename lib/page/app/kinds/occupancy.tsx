// The occupancy data set in the form of a new export.
import { schemas, occupancy as validate } from 'compiled-contracts';
import { dateRules } from '../../../exports/shared/rules.ts';
import { common, unlessDefault } from '../base/draft.ts';
import { t } from '../base/strings.ts';
import { DraftText } from '../parts/draft-fields.tsx';
import { Coordinates, coordinatesIn } from './coordinates.tsx';
import type { FormKind, OptionsProps } from './kind.ts';

const Options = ({ shown }: OptionsProps) => (
  <>
    <DraftText name="occasion_days" label={t.form.occasionDays} type="number" shown={shown} />
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
