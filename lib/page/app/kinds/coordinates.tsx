// How exactly places are given: a choice of several kinds.
import { t } from '../base/strings.ts';
import { DraftChoice } from '../parts/draft-fields.tsx';
import type { OptionsProps } from './kind.ts';

export const Coordinates = ({ shown }: OptionsProps) => (
  <DraftChoice name="coordinates" label={t.form.coordinates} choices={t.form.coordinateChoices} shown={shown} />
);

export const coordinatesIn = ({ coordinates }: { coordinates: string }): Record<string, unknown> =>
  coordinates === '' ? {} : { coordinates };
