// Fields of a form: each with its name, and what is wrong with it in the words of the service.
import type { ComponentChildren } from 'preact';
import type { Problem } from '../base/api.ts';

interface Named {
  /** JSON pointer of the field in the request. */
  pointer: string;
  label: string;
  problems: readonly Problem[];
}

const toId = (pointer: string): string => `field${pointer.replaceAll('/', '-')}`;

/** Of the field itself, and of what is in it. */
const findProblems = (pointer: string, problems: readonly Problem[], isDeep = false): Problem[] =>
  problems.filter((problem) => problem.pointer === pointer || (isDeep && problem.pointer.startsWith(`${pointer}/`)));

const Wrong = ({ id, problems }: { id: string; problems: readonly Problem[] }) => (
  <div id={`${id}-wrong`} class="wrong" aria-live="polite">
    {problems.map(({ detail }) => (
      <p key={detail}>{detail}</p>
    ))}
  </div>
);

interface TextProps extends Named {
  type?: 'text' | 'date' | 'number';
  value: string;
  onChange: (value: string) => void;
  max?: string | undefined;
}

export function TextField({ pointer, label, problems, type = 'text', value, onChange, max }: TextProps) {
  const id = toId(pointer);
  const own = findProblems(pointer, problems);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type={type as 'text'}
        value={value}
        max={max}
        dir="auto"
        aria-invalid={own.length > 0}
        aria-describedby={`${id}-wrong`}
        onInput={({ currentTarget }) => onChange(currentTarget.value)}
      />
      <Wrong id={id} problems={own} />
    </div>
  );
}

interface ChoiceProps extends Named {
  value: string;
  choices: Readonly<Record<string, string>>;
  onChange: (value: string) => void;
}

export function ChoiceField({ pointer, label, problems, value, choices, onChange }: ChoiceProps) {
  const id = toId(pointer);
  const own = findProblems(pointer, problems);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        aria-invalid={own.length > 0}
        aria-describedby={`${id}-wrong`}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      >
        {Object.entries(choices).map(([name, text]) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
      </select>
      <Wrong id={id} problems={own} />
    </div>
  );
}

export const Check = ({
  label,
  checked,
  onChange,
}: {
  label: ComponentChildren;
  checked: boolean;
  onChange: (checked: boolean) => void;
}) => (
  <label class="check">
    <input type="checkbox" checked={checked} onChange={({ currentTarget }) => onChange(currentTarget.checked)} />
    <span dir="auto">{label}</span>
  </label>
);

interface ManyProps extends Named {
  hint: string;
  all: readonly { value: string; text: string }[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
}

/** None chosen = all. */
export function ManyField({ pointer, label, problems, hint, all, chosen, onChange }: ManyProps) {
  const id = toId(pointer);
  return (
    <fieldset class="field" aria-describedby={`${id}-wrong`}>
      <legend>{label}</legend>
      <p class="quiet">{hint}</p>
      <div class="many">
        {all.map(({ value, text }) => (
          <Check
            key={value}
            label={text}
            checked={chosen.includes(value)}
            onChange={(checked) => onChange(checked ? [...chosen, value] : chosen.filter((each) => each !== value))}
          />
        ))}
      </div>
      <Wrong id={id} problems={findProblems(pointer, problems, true)} />
    </fieldset>
  );
}
