// The ZIP archive in the form of a new export.
import { schemas, zip as validate } from 'compiled-contracts';
import { zipRules } from '../../../exports/zip/rules.ts';
import { change, common, draft, unlessDefault } from '../base/draft.ts';
import { t } from '../base/strings.ts';
import { Check, TextField } from '../parts/fields.tsx';
import { Coordinates, coordinatesIn } from './coordinates.tsx';
import type { FormKind, OptionsProps } from './kind.ts';

function Options({ shown }: OptionsProps) {
  const { include_crops, crop_size, include_metadata_csv, include_camtrap_dp } = draft.value;
  return (
    <>
      <Check label={t.form.crops} checked={include_crops} onChange={(checked) => change({ include_crops: checked })} />
      {include_crops && (
        <TextField
          pointer="/crop_size"
          label={t.form.cropSize}
          type="number"
          problems={shown}
          value={crop_size}
          onChange={(value) => change({ crop_size: value })}
        />
      )}
      <Check
        label={t.form.metadata}
        checked={include_metadata_csv}
        onChange={(checked) => change({ include_metadata_csv: checked })}
      />
      <Check
        label={t.form.camtrapDp}
        checked={include_camtrap_dp}
        onChange={(checked) => change({ include_camtrap_dp: checked })}
      />
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
    ...unlessDefault(value, 'include_metadata_csv', 'include_camtrap_dp'),
  }),
  Options,
};
