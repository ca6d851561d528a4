// All exports of the caller, as they change.

import { jobs } from '../base/jobs.ts';
import { may } from '../base/session.ts';
import { t } from '../base/strings.ts';
import { JobsState, Link } from '../parts/common.tsx';
import { JobCard } from '../parts/job.tsx';

export function Exports() {
  const all = jobs.value;
  return (
    <>
      <h1 tabIndex={-1}>{t.exports.title}</h1>
      {may('exports') && (
        <p>
          <Link to="/exports/new" class="button">
            {t.newExport}
          </Link>
        </p>
      )}
      <JobsState isEmpty={all?.length === 0} none={t.exports.none} />
      <ul class="cards" aria-label={t.exports.title}>
        {all?.map((job) => (
          <JobCard key={job.job_id} job={job} />
        ))}
      </ul>
    </>
  );
}
