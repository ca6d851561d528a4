// The ZIP archive in the form of a new export.
import { schemas, zip as validate } from 'compiled-contracts';
import { zipRules } from '../../../exports/zip/rules.ts';
import { common, draft, unlessDefault } from '../base/draft.ts';
import { t } from '../base/strings.ts';
import { DraftCheck, DraftChoice, DraftText } from '../parts/draft-fields.tsx';
import { Coordinates, coordinatesIn } from './coordinates.tsx';
import type { FormKind, OptionsProps } from './kind.ts';

function Options({ shown }: OptionsProps) {
  const { include_crops, include_survey } = draft.value;
  return (
    <>
      <DraftCheck name="include_crops" label={t.form.crops} />
      {include_crops && <DraftText name="crop_size" label={t.form.cropSize} type="number" shown={shown} />}
      <DraftCheck name="include_metadata_csv" label={t.form.metadata} />
      <DraftCheck name="include_camtrap_dp" label={t.form.camtrapDp} />
      <DraftCheck name="include_survey" label={t.form.surveyFiles} />
      {include_survey && (
        <>
          <DraftText name="occasion_days" label={t.form.occasionDays} type="number" shown={shown} />
          <DraftChoice name="identities" label={t.form.identities} choices={t.form.identityChoices} shown={shown} />
        </>
      )}
      <Coordinates shown={shown} />
    </>
  );
}

export const zip: FormKind = {
  schema: schemas.zip,
  validate,
  rules: zipRules,
  isGrouped: true,
  toRequest: (value) => ({
    ...common(value),
    group_by: value.group_by,
    ...coordinatesIn(value),
    ...unlessDefault(value, 'independence_minutes', 'include_crops', 'crop_size'),
    ...unlessDefault(value, 'include_metadata_csv', 'include_camtrap_dp', 'include_survey'),
    ...(value.include_survey ? unlessDefault(value, 'occasion_days', 'identities') : {}),
  }),
  Options,
};
