// One job in a list: how far it is, and what can be done with it.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { Refusal } from '../base/api.ts';
import { bytes, day, instant } from '../base/format.ts';
import { askFor, cancel, findJobKind, type Job, remember, remembered, secondsLeft } from '../base/jobs.ts';
import { may } from '../base/session.ts';
import { t } from '../base/strings.ts';

/** What it is about: as this browser asked for it, else by the name of its file. */
function name(job: Job): string {
  const { path = '', request = {}, title: file } = remembered.value[job.job_id] ?? {};
  const kind = t.kinds[findJobKind(job).kind]?.name ?? findJobKind(job).kind;
  const analysis = path === 'reid/survey' ? t.survey.title : t.reid.analyses[path.replace('reid/', '')]?.[0];
  if (analysis !== undefined) return t.exports.name(kind, analysis);
  const { title = file, start_date, end_date } = request as Record<string, string | undefined>;
  if (title) return t.exports.name(kind, title);
  const [, from = start_date, to = end_date] =
    /_(\d{4}-\d\d-\d\d)_to_(\d{4}-\d\d-\d\d)_/.exec(job.filename ?? '') ?? [];
  return from && to ? t.exports.name(kind, t.overview.period(day(from), day(to))) : kind;
}

function Progress({ job }: { job: Job }) {
  const left = secondsLeft.value[job.job_id];
  const words =
    job.progress === 0
      ? t.exports.waiting
      : left === undefined
        ? t.exports.percent(job.progress)
        : t.exports.left(left);
  return (
    <p class="progress">
      <progress max={100} value={job.progress} aria-label={`${name(job)}: ${t.exports.percent(job.progress)}`} />
      <span>{words}</span>
    </p>
  );
}

function Ready({ job }: { job: Job }) {
  const isDownloaded = remembered.value[job.job_id]?.downloaded === true;
  return (
    <>
      <p>
        {job.download_url !== undefined && (
          <a
            class="button"
            href={job.download_url}
            download={job.filename ?? ''}
            aria-label={t.exports.actOn(t.exports.download, name(job))}
            onClick={() => remember(job.job_id, { downloaded: true })}
          >
            {t.exports.download}
          </a>
        )}{' '}
        {job.file_size_bytes !== undefined && <span>{bytes(job.file_size_bytes)}</span>}{' '}
        {isDownloaded && <span class="tag">{t.exports.downloaded}</span>}
      </p>
      {job.sha256 !== undefined && (
        <details>
          <summary>{t.exports.hash}</summary>
          <code>{job.sha256}</code>
        </details>
      )}
    </>
  );
}

/** Its name says of which job: there are others like it. */
const Act = ({ words, job, act }: { words: string; job: Job; act: () => void }) => (
  <button type="button" onClick={act} aria-label={t.exports.actOn(words, name(job))}>
    {words}
  </button>
);

export function JobCard({ job, children }: { job: Job; children?: ComponentChildren }) {
  const refusal = useSignal('');
  const card = useRef<HTMLLIElement>(null);
  // Who removed it by keyboard goes on at the top of the screen, not of the page.
  useLayoutEffect(() => {
    const { current } = card;
    return () => {
      if (current?.contains(document.activeElement)) document.querySelector<HTMLElement>('main h1')?.focus();
    };
  }, []);
  const { path, request } = remembered.value[job.job_id] ?? {};
  const attempt = (act: () => Promise<unknown>) => () => {
    refusal.value = '';
    act().catch((error: unknown) => {
      refusal.value = error instanceof Refusal ? error.message : String(error);
    });
  };
  const isRunning = job.status === 'processing';
  const { kind, scope, usesUp } = findJobKind(job);
  const words = { ...t.exports.status, ...t.kinds[kind]?.status };
  const isRepeatable = !isRunning && !(usesUp && job.status === 'completed');
  return (
    <li ref={card} class={`job ${job.status}`} data-job={job.job_id}>
      <h2 dir="auto">{name(job)}</h2>
      <p class="quiet">
        <span class="tag">{words[job.status]}</span> {t.exports.asked(instant(job.created_at))}
        {job.expires_at !== undefined && `, ${t.exports.expires(instant(job.expires_at))}`}
      </p>
      {isRunning && <Progress job={job} />}
      {job.status === 'completed' && (children ?? <Ready job={job} />)}
      {job.status === 'failed' && <p class="wrong">{job.error}</p>}
      {refusal.value !== '' && (
        <p class="wrong" role="alert">
          {refusal.value}
        </p>
      )}
      {may(scope) && (
        <p class="acts">
          <Act
            words={isRunning ? t.exports.cancel : t.exports.remove}
            job={job}
            act={attempt(() => cancel(job.job_id))}
          />
          {isRepeatable && path !== undefined && request !== undefined && (
            <Act words={t.exports.retry} job={job} act={attempt(() => askFor(path, request))} />
          )}
        </p>
      )}
    </li>
  );
}
