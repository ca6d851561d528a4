// Fields of the draft, by their names: a field of the form is one of the request.
import type { Problem } from '../base/api.ts';
import { change, type Draft, draft } from '../base/draft.ts';
import { Check, ChoiceField, TextField } from './fields.tsx';

/** Names of the fields that hold a value of this type. */
type Names<Value> = { [Name in keyof Draft]: Draft[Name] extends Value ? Name : never }[keyof Draft];

interface Named {
  name: Names<string>;
  label: string;
  shown: readonly Problem[];
}

const set =
  (name: keyof Draft) =>
  (value: string | boolean): void =>
    change({ [name]: value });

export const DraftText = ({
  name,
  label,
  shown,
  ...rest
}: Named & { type?: 'date' | 'number'; max?: string | undefined }) => (
  <TextField
    pointer={`/${name}`}
    label={label}
    problems={shown}
    value={draft.value[name]}
    onChange={set(name)}
    {...rest}
  />
);

export const DraftChoice = ({ name, label, shown, choices }: Named & { choices: Readonly<Record<string, string>> }) => (
  <ChoiceField
    pointer={`/${name}`}
    label={label}
    problems={shown}
    value={draft.value[name]}
    choices={choices}
    onChange={set(name)}
  />
);

export const DraftCheck = ({ name, label }: { name: Names<boolean>; label: string }) => (
  <Check label={label} checked={draft.value[name]} onChange={set(name)} />
);
