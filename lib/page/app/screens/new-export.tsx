// The form of a new export. Every rule of the service is said at its field.
import { useSignal } from '@preact/signals';
import { address, Refusal } from '../base/api.ts';
import { change, draft } from '../base/draft.ts';
import { number } from '../base/format.ts';
import { askFor } from '../base/jobs.ts';
import { autumn, lastDays, rut, season, yearBefore } from '../base/presets.ts';
import { go } from '../base/router.ts';
import { may, session, today } from '../base/session.ts';
import { t } from '../base/strings.ts';
import { findKind, KINDS } from '../kinds/index.ts';
import type { OptionsProps } from '../kinds/kind.ts';
import { kindName, problems, request } from '../kinds/requests.ts';
import { Refused, useGet } from '../parts/common.tsx';
import { DraftChoice, DraftText } from '../parts/draft-fields.tsx';
import { ManyField } from '../parts/fields.tsx';

interface Names {
  classes: { name: string; label: string; count: number }[];
  cameras: { location_id: string; name: string; count: number }[];
  last_day?: string | null;
}

/** Single quotes for a POSIX shell. */
const quote = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

function curlLine(): string {
  const url = new URL(address(`api/exports/${kindName.value}`), location.href).href;
  const key = session.value?.keys_required === true ? ` -H "Authorization: Bearer $HOOFPRINT_KEY"` : '';
  return `curl -X POST ${url}${key} -H 'Content-Type: application/json' -d ${quote(JSON.stringify(request.value))}`;
}

function Curl() {
  const isCopied = useSignal(false);
  const line = curlLine();
  return (
    <details>
      <summary>{t.form.curl}</summary>
      <pre tabIndex={0}>{line}</pre>
      <button
        type="button"
        onClick={() =>
          void navigator.clipboard?.writeText(line).then(() => {
            isCopied.value = true;
          })
        }
      >
        {isCopied.value ? t.form.copied : t.form.copy}
      </button>
    </details>
  );
}

function Kinds() {
  return (
    <fieldset class="kinds">
      <legend>{t.form.kind}</legend>
      {Object.keys(KINDS).map((kind) => (
        <label class="check" key={kind}>
          <input
            type="radio"
            name="kind"
            value={kind}
            checked={kindName.value === kind}
            onChange={() => change({ kind })}
          />
          <span>
            <strong>{t.kinds[kind]!.name}</strong> <span class="quiet">{t.kinds[kind]!.about}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function When({ shown, lastDay }: OptionsProps & { lastDay: string }) {
  const { start_date, end_date, kind } = draft.value;
  const { isGrouped } = findKind(kind);
  const newest = lastDay < today() ? lastDay : today();
  const presets = t.form.presets;
  return (
    <fieldset>
      <legend>{t.form.period}</legend>
      <p class="acts">
        <button type="button" onClick={() => change(season(newest))}>
          {presets.season}
        </button>
        <button type="button" onClick={() => change(autumn(newest))}>
          {presets.autumn}
        </button>
        <button type="button" onClick={() => change(rut(newest))}>
          {presets.rut}
        </button>
        <button type="button" onClick={() => change(lastDays(newest, 30))}>
          {presets.month}
        </button>
        {start_date !== '' && end_date !== '' && (
          <button type="button" onClick={() => change(yearBefore({ start_date, end_date }))}>
            {presets.lastYear}
          </button>
        )}
      </p>
      <div class="row">
        <DraftText name="start_date" label={t.form.from} type="date" max={today()} shown={shown} />
        <DraftText name="end_date" label={t.form.to} type="date" shown={shown} />
        {isGrouped && <DraftChoice name="group_by" label={t.form.groupBy} choices={t.form.groups} shown={shown} />}
      </div>
    </fieldset>
  );
}

function Filters({ shown, names }: OptionsProps & { names: Names | undefined }) {
  const { classes = [], cameras = [] } = names ?? {};
  const { classifications, locations } = draft.value;
  return (
    <>
      <ManyField
        pointer="/classifications"
        label={t.form.classes}
        hint={t.form.all}
        problems={shown}
        all={classes.map(({ name, label, count }) => ({ value: name, text: `${label} (${number(count)})` }))}
        chosen={classifications}
        onChange={(chosen) => change({ classifications: chosen })}
      />
      <ManyField
        pointer="/locations"
        label={t.form.cameras}
        hint={t.form.all}
        problems={shown}
        all={cameras.map(({ name, count }) => ({ value: name, text: `${name} (${number(count)})` }))}
        chosen={locations}
        onChange={(chosen) => change({ locations: chosen })}
      />
    </>
  );
}

function Choices({ shown }: OptionsProps) {
  const { kind } = draft.value;
  const { Options, isGrouped } = findKind(kind);
  return (
    <fieldset>
      <legend>{t.form.options}</legend>
      <DraftText name="title" label={t.form.titleField} shown={shown} />
      {isGrouped && <DraftText name="independence_minutes" label={t.form.minutes} type="number" shown={shown} />}
      <Options shown={shown} />
    </fieldset>
  );
}

export function NewExport() {
  const names = useGet<Names>('api/names');
  const isAsked = useSignal(false);
  const isSending = useSignal(false);
  const refused = useSignal<Refusal | undefined>(undefined);
  const { start_date, end_date } = draft.value;
  // What nobody has typed yet is not called wrong before it is sent.
  const untouched = (pointer: string): boolean =>
    !isAsked.value &&
    ((pointer === '/start_date' && start_date === '') || (pointer === '/end_date' && end_date === ''));
  const shown = [...problems.value.filter(({ pointer }) => !untouched(pointer)), ...(refused.value?.problems ?? [])];
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    isAsked.value = true;
    refused.value = undefined;
    if (problems.value.length > 0) {
      requestAnimationFrame(() => document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
      return;
    }
    isSending.value = true;
    try {
      await askFor(`exports/${kindName.value}`, request.value);
      go('/exports');
    } catch (error) {
      refused.value = error instanceof Refusal ? error : new Refusal(0, String(error));
    } finally {
      isSending.value = false;
    }
  };
  if (!may('exports')) return <p>{t.form.mayNot}</p>;
  return (
    <form onSubmit={(event) => void send(event)} noValidate>
      <h1 tabIndex={-1}>{t.form.title}</h1>
      <Kinds />
      <When shown={shown} lastDay={names.body?.last_day ?? today()} />
      <Refused loaded={names} />
      <Filters shown={shown} names={names.body} />
      <Choices shown={shown} />
      <div aria-live="polite">
        {isAsked.value && problems.value.length > 0 && <p class="wrong">{t.form.wrong(problems.value.length)}</p>}
        {refused.value !== undefined && <p class="wrong">{refused.value.message}</p>}
      </div>
      <p>
        <button type="submit" class="button" disabled={isSending.value}>
          {isSending.value ? t.form.sending : t.form.act}
        </button>
      </p>
      <Curl />
    </form>
  );
}
