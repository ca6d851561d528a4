// The season so far.
import { day, instant, number } from '../base/format.ts';
import { findJobKind, jobs } from '../base/jobs.ts';
import { may } from '../base/session.ts';
import { t } from '../base/strings.ts';
import { MonthChart, type MonthRate } from '../parts/charts.tsx';
import { JobsState, Link, Loading, useGet } from '../parts/common.tsx';
import { JobCard } from '../parts/job.tsx';
import { type Camera, CameraMap } from '../parts/map.tsx';
import { UploadPanel } from '../parts/upload.tsx';

interface Season {
  period: { start_date: string; end_date: string };
  is_default_shifted?: boolean;
  numbers: {
    detections: number;
    events: number;
    individuals: number | null;
    trap_nights: number | null;
    events_per_100_trap_nights: number | null;
  };
  by_month: MonthRate[];
  classes: { name: string; label: string }[];
  cameras: Camera[];
  attention: { kind: string; text: string }[];
  is_empty: boolean;
}

const Five = ({ numbers }: Pick<Season, 'numbers'>) => {
  const all: [string, number | null, number][] = [
    [t.overview.events, numbers.events, 0],
    [t.overview.rate, numbers.events_per_100_trap_nights, 1],
    [t.overview.nights, numbers.trap_nights, 0],
    [t.overview.individuals, numbers.individuals, 0],
    [t.overview.detections, numbers.detections, 0],
  ];
  return (
    <dl class="numbers">
      {all.map(([name, value, digits]) => (
        <div key={name}>
          <dd>{value === null ? t.overview.unknown : number(value, digits)}</dd>
          <dt>{name}</dt>
        </div>
      ))}
    </dl>
  );
};

const count = (cameras: readonly Camera[], state: 'is_silent' | 'is_running'): number =>
  cameras.filter((camera) => camera[state]).length;

const Cameras = ({ cameras }: Pick<Season, 'cameras'>) => (
  <section>
    <h2>{t.overview.cameras}</h2>
    <p>{t.overview.countSilent(count(cameras, 'is_silent'), count(cameras, 'is_running'), cameras.length)}</p>
    <div class="halves">
      <CameraMap cameras={cameras} />
      <section class="scroll" tabIndex={0} aria-label={t.overview.cameras}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t.overview.camera}</th>
              <th scope="col">{t.overview.lastImage}</th>
              <th scope="col">{t.overview.rate}</th>
              <th scope="col">{t.overview.nights}</th>
            </tr>
          </thead>
          <tbody>
            {cameras.map((camera) => (
              <tr key={camera.location_id}>
                <th scope="row" dir="auto">
                  {camera.name}
                </th>
                <td>
                  {camera.last_image_at === null ? '-' : instant(camera.last_image_at)}{' '}
                  {camera.is_silent && <span class="tag">{t.overview.silent}</span>}
                  {!camera.is_running && <span class="tag">{t.overview.notRunning}</span>}
                </td>
                <td>{number(camera.rate, 1)}</td>
                <td>{number(camera.trap_nights)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  </section>
);

/** Instead of numbers, while nothing is there to be counted. */
function Begin({ again }: { again: () => void }) {
  // What used an upload up has filled the database.
  const isFilled = jobs.value?.some((job) => findJobKind(job).usesUp && job.status === 'completed');
  return (
    <>
      {isFilled ? (
        <p>
          <button type="button" class="button" onClick={again}>
            {t.overview.filled}
          </button>
        </p>
      ) : (
        <p>{t.overview.empty}</p>
      )}
      <UploadPanel />
    </>
  );
}

export function Overview() {
  const loaded = useGet<Season>('api/season');
  const newest = jobs.value?.slice(0, 3) ?? [];
  return (
    <>
      <h1 tabIndex={-1}>{t.overview.title}</h1>
      <Loading loaded={loaded}>
        {(season) =>
          season.is_empty ? (
            <Begin again={loaded.again} />
          ) : (
            <>
              <p class="quiet">
                {t.overview.period(day(season.period.start_date), day(season.period.end_date))}
                {season.is_default_shifted === true && ` (${t.overview.shifted})`}
              </p>
              <Five numbers={season.numbers} />
              <section>
                <h2>{t.overview.attention}</h2>
                {season.attention.length === 0 && <p class="quiet">{t.overview.nothing}</p>}
                <ul>
                  {season.attention.map(({ text }) => (
                    <li key={text}>{text}</li>
                  ))}
                </ul>
              </section>
              <section>
                <MonthChart
                  rows={season.by_month}
                  labels={Object.fromEntries(season.classes.map(({ name, label }) => [name, label]))}
                />
              </section>
              <Cameras cameras={season.cameras} />
            </>
          )
        }
      </Loading>
      <section>
        <h2>{t.overview.newest}</h2>
        <JobsState isEmpty={newest.length === 0} none={t.overview.noExports} />
        <ul class="cards" aria-label={t.overview.newest}>
          {newest.map((job) => (
            <JobCard key={job.job_id} job={job} />
          ))}
        </ul>
        {may('exports') && (
          <p>
            <Link to="/exports/new" class="button">
              {t.newExport}
            </Link>
          </p>
        )}
      </section>
    </>
  );
}
