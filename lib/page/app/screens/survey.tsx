// The survey of the herd as a job: its numbers with their intervals, what is refused and what would
// mend it, and the full page.
import { useSignal } from '@preact/signals';
import { type Problem, Refusal } from '../base/api.ts';
import { day, number } from '../base/format.ts';
import { askFor, findJobKind, type Job, jobs, remembered } from '../base/jobs.ts';
import { href } from '../base/router.ts';
import { may, today } from '../base/session.ts';
import { t } from '../base/strings.ts';
import { useGet } from '../parts/common.tsx';
import { TextField } from '../parts/fields.tsx';
import { JobCard } from '../parts/job.tsx';

interface SurveyNumber {
  name: string;
  label: string;
  estimate: number;
  lower: number | null;
  upper: number | null;
  basis: string;
}

interface Mend {
  about: string;
  reason: string;
  advice: string | null;
  command: string | null;
}

interface Result {
  analysis?: string;
  period: { since: string; until: string };
  sentences: string[];
  numbers: SurveyNumber[];
  refused: Mend[];
}

const ASKED = 'reid/survey';

function Numbers({ numbers }: { numbers: readonly SurveyNumber[] }) {
  const limit = (value: number | null): string => (value === null ? t.survey.noLimit : number(value));
  // Limits of animals are rounded outward, as in sentences.
  const outward = (value: number | null, basis: string, round: (value: number) => number): number | null =>
    value === null || basis !== 'corrected' ? value : round(value);
  return (
    <dl class="numbers" aria-label={t.survey.numbers}>
      {numbers.map(({ name, label, estimate, lower, upper, basis }) => (
        <div key={name}>
          <dt>{label}</dt>
          <dd>{number(estimate)}</dd>
          <dd class="below">
            {lower !== null && (
              <span>
                {t.survey.interval(limit(outward(lower, basis, Math.floor)), limit(outward(upper, basis, Math.ceil)))}
              </span>
            )}{' '}
            <span class="quiet">{t.survey.bases[basis] ?? basis}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

const Refused = ({ refused }: { refused: readonly Mend[] }) => (
  <section>
    <h3>{t.survey.refused}</h3>
    <ul>
      {refused.map(({ about, reason, advice, command }) => (
        <li key={about}>
          <strong>{about}</strong>: {reason} {advice}
          {command !== null && <pre>{command}</pre>}
        </li>
      ))}
    </ul>
  </section>
);

/** What a finished analysis found; nothing where it was no survey. */
function Found({ job }: { job: Job }) {
  const { body } = useGet<Result>(`api/reid/${job.job_id}/result.json`);
  if (body?.analysis !== 'survey') return null;
  const { period, sentences, numbers, refused } = body;
  return (
    <section>
      <h2>{t.overview.period(day(period.since), day(period.until))}</h2>
      {sentences.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {numbers.length > 0 && <Numbers numbers={numbers} />}
      {refused.length > 0 && <Refused refused={refused} />}
      <p>
        <a class="button" href={href(`/api/reid/${job.job_id}/report`)} target="_blank" rel="noopener">
          {t.survey.open}
        </a>{' '}
        <a href={href(`/api/reid/${job.job_id}/result.json`)} download="result.json">
          {t.survey.json}
        </a>
      </p>
    </section>
  );
}

const FIELDS = [
  ['since', t.survey.from],
  ['until', t.survey.to],
  ['window/since', t.survey.windowFrom],
  ['window/until', t.survey.windowTo],
] as const;
type Field = (typeof FIELDS)[number][0];

/** Days that are left out are chosen by the survey. */
function makeRequest(days: Readonly<Record<Field, string>>): Record<string, unknown> {
  const { since, until } = days;
  const [first, last] = [days['window/since'], days['window/until']];
  const window = first === '' && last === '' ? undefined : { since: first, until: last };
  return { ...(since !== '' && { since }), ...(until !== '' && { until }), ...(window && { window }) };
}

function Ask() {
  const days = useSignal<Readonly<Record<Field, string>>>({
    ...{ since: '', until: '', 'window/since': '', 'window/until': '' },
  });
  const problems = useSignal<readonly Problem[]>([]);
  const refusal = useSignal('');
  const run = async (): Promise<void> => {
    refusal.value = '';
    problems.value = [];
    try {
      await askFor(ASKED, makeRequest(days.value));
    } catch (error) {
      problems.value = error instanceof Refusal ? error.problems : [];
      // What a field says is not said again.
      refusal.value = problems.value.length > 0 ? '' : error instanceof Error ? error.message : String(error);
    }
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void run();
      }}
    >
      <fieldset>
        <legend>{t.survey.days}</legend>
        <p class="quiet">{t.survey.daysHint}</p>
        <div class="row top">
          {FIELDS.map(([name, label]) => (
            <TextField
              key={name}
              pointer={`/${name}`}
              label={label}
              problems={problems.value}
              type="date"
              max={today()}
              value={days.value[name]}
              onChange={(value) => {
                days.value = { ...days.value, [name]: value };
              }}
            />
          ))}
        </div>
      </fieldset>
      <p>
        <button type="submit" class="button">
          {t.survey.run}
        </button>
      </p>
      {refusal.value !== '' && (
        <p class="wrong" role="alert">
          {refusal.value}
        </p>
      )}
    </form>
  );
}

/**
 * Analyses that this browser did not ask for are looked at as well: one of them may be a survey.
 */
const MOST_LOOKED_AT = 10;

export function Survey() {
  const all = jobs.value?.filter((job) => findJobKind(job).kind === 'reid') ?? [];
  const asked = ({ job_id }: Job): string | undefined => remembered.value[job_id]?.path;
  const own = all.filter((job) => asked(job) === ASKED);
  const done = all.filter((job) => job.status === 'completed' && (asked(job) === ASKED || asked(job) === undefined));
  const others = own.filter(({ status }) => status !== 'completed');
  return (
    <>
      <h1 tabIndex={-1}>{t.survey.title}</h1>
      <p>{t.survey.intro}</p>
      {may('reid') ? <Ask /> : <p class="quiet">{t.survey.mayNot}</p>}
      {others.length > 0 && (
        <ul class="cards" aria-label={t.survey.others}>
          {others.map((job) => (
            <JobCard key={job.job_id} job={job} />
          ))}
        </ul>
      )}
      {done.length === 0 && others.length === 0 && <p class="quiet">{t.survey.none}</p>}
      {done.slice(0, MOST_LOOKED_AT).map((job) => (
        <Found key={job.job_id} job={job} />
      ))}
    </>
  );
}
