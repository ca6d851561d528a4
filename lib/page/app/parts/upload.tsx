// A package is chosen or dropped, sent, and imported.
import { useEffect } from 'preact/hooks';
import { bytes, number } from '../base/format.ts';
import { findJobKind, type Job, jobs, remembered } from '../base/jobs.ts';
import { may } from '../base/session.ts';
import { t } from '../base/strings.ts';
import * as act from '../base/upload.ts';
import { useGet } from './common.tsx';
import { JobCard } from './job.tsx';

interface Stored {
  made: number;
  there: number;
}
interface Summary {
  package: { title: string };
  observations: Record<string, number>;
  classes: Record<string, number>;
  locations: Stored;
  deployments: Stored;
  images: Stored;
  detections: Stored;
  deer: Stored;
  skipped: string[];
  skippedCount: number;
  notes: string[];
}

const TABLES = ['locations', 'deployments', 'images', 'detections', 'deer'] as const;
/** Lines of what was skipped that are shown; the file has the rest. */
const SHOWN = 20;

const Counts = ({ title, counts }: { title: string; counts: Record<string, number> }) => (
  <p>
    {title}:{' '}
    <span dir="auto">
      {Object.entries(counts)
        .map(([name, n]) => `${name} ${number(n)}`)
        .join(', ')}
    </span>
  </p>
);

/** What an import did. */
function ImportSummary({ job }: { job: Job }) {
  const { body } = useGet<Summary>((job.download_url ?? '').replace(/^.*?(?=api\/)/, ''));
  if (body === undefined) return <p class="quiet">{t.loading}</p>;
  const more = body.skippedCount - Math.min(SHOWN, body.skipped.length);
  return (
    <div class="finding">
      <p>
        <strong dir="auto">{body.package.title}</strong>
      </p>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">{t.imports.table}</th>
              <th scope="col">{t.imports.made}</th>
              <th scope="col">{t.imports.there}</th>
            </tr>
          </thead>
          <tbody>
            {TABLES.map((name) => (
              <tr key={name}>
                <th scope="row">{t.imports.tables[name]}</th>
                <td>{number(body[name].made)}</td>
                <td>{number(body[name].there)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Counts title={t.imports.observations} counts={body.observations} />
      <Counts title={t.imports.classes} counts={body.classes} />
      {body.skippedCount > 0 && (
        <>
          <p>{t.imports.skipped(body.skippedCount)}</p>
          <ul>
            {body.skipped.slice(0, SHOWN).map((line) => (
              <li key={line} dir="auto">
                {line}
              </li>
            ))}
            {more > 0 && <li>{t.imports.more(more)}</li>}
          </ul>
        </>
      )}
      <ul>
        {body.notes.map((line) => (
          <li key={line} dir="auto">
            {line}
          </li>
        ))}
      </ul>
      <p>
        <a href={job.download_url} download={job.filename ?? ''}>
          {t.imports.json}
        </a>
      </p>
    </div>
  );
}

function Sending() {
  const { name = '', sent = 0, bytes: all = 1 } = act.upload.value ?? {};
  const left = act.uploadSeconds.value;
  return (
    <div class="card">
      <p dir="auto">{name}</p>
      <p class="progress">
        <progress max={100} value={(100 * sent) / all} aria-label={t.imports.sent(bytes(sent), bytes(all))} />
        <span>
          {t.imports.sent(bytes(sent), bytes(all))}
          {left !== undefined && `, ${t.exports.left(left)}`}
        </span>
      </p>
      <p class="acts">
        <button type="button" onClick={act.stopSending}>
          {t.exports.cancel}
        </button>
      </p>
    </div>
  );
}

/** An upload that is not on its way, and that no job reads. */
function Waiting({ hasFailed }: { hasFailed: boolean }) {
  const { name = '', sent = 0, bytes: all = 1 } = act.upload.value ?? {};
  const isWhole = sent >= all;
  return (
    <div class="card">
      <p>
        <span dir="auto">{name}</span>: {isWhole ? t.imports.whole : t.imports.sent(bytes(sent), bytes(all))}
      </p>
      {!isWhole && !act.hasFile() && <p>{t.imports.chooseAgain}</p>}
      <p class="acts">
        {!isWhole && act.hasFile() && (
          <button type="button" onClick={() => void act.sendFile()}>
            {t.imports.goOn}
          </button>
        )}
        {isWhole && (
          <button type="button" onClick={() => void act.importUpload(hasFailed)}>
            {hasFailed ? t.imports.lenient : t.imports.start}
          </button>
        )}
        <button type="button" onClick={() => void act.removeUpload()}>
          {t.imports.remove}
        </button>
      </p>
    </div>
  );
}

function Choose() {
  const take = (files: FileList | null | undefined): void => {
    const [file] = files ?? [];
    if (file !== undefined) void act.sendFile(file);
  };
  return (
    <section
      class="drop"
      aria-label={t.imports.choose}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        take(event.dataTransfer?.files);
      }}
    >
      <label for="package">{t.imports.choose}</label>
      <input
        id="package"
        type="file"
        accept=".zip,application/zip"
        onChange={({ currentTarget }) => {
          take(currentTarget.files);
          // The same file may be chosen once more.
          currentTarget.value = '';
        }}
      />
      <p class="quiet">{t.imports.hint}</p>
    </section>
  );
}

export function UploadPanel() {
  useEffect(() => void act.findUpload(), []);
  if (!may('import')) return <p class="quiet">{t.imports.mayNot}</p>;
  const { value } = act.upload;
  const all = (jobs.value ?? []).filter((job) => findJobKind(job).kind === 'import');
  const own = all.filter(({ job_id }) => remembered.value[job_id]?.path === `imports/${value?.id}`);
  const isRead = own.some(({ status }) => status === 'processing');
  return (
    <>
      {value?.isSending !== true && !isRead && <Choose />}
      {value?.isSending === true && <Sending />}
      {value?.isSending === false && !isRead && <Waiting hasFailed={own[0]?.status === 'failed'} />}
      {act.uploadRefusal.value !== '' && (
        <p class="wrong" role="alert">
          {act.uploadRefusal.value}
        </p>
      )}
      <ul class="cards" aria-label={t.imports.title}>
        {all.map((job) => (
          <JobCard key={job.job_id} job={job}>
            <ImportSummary job={job} />
          </JobCard>
        ))}
      </ul>
    </>
  );
}
