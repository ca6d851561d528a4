// How exactly places are given: a choice of several kinds.
import { change, draft } from '../base/draft.ts';
import { t } from '../base/strings.ts';
import { ChoiceField } from '../parts/fields.tsx';
import type { OptionsProps } from './kind.ts';

export const Coordinates = ({ shown }: OptionsProps) => (
  <ChoiceField
    pointer="/coordinates"
    label={t.form.coordinates}
    problems={shown}
    value={draft.value.coordinates}
    choices={t.form.coordinateChoices}
    onChange={(coordinates) => change({ coordinates })}
  />
);

export const coordinatesIn = ({ coordinates }: { coordinates: string }): Record<string, unknown> =>
  coordinates === '' ? {} : { coordinates };
