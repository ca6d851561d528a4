// Analyses of Re-ID as jobs: run one, read its recommendation, open its report.
import { useSignal } from '@preact/signals';
import { Refusal } from '../base/api.ts';
import { number } from '../base/format.ts';
import { askFor, findJobKind, type Job, jobs } from '../base/jobs.ts';
import { href } from '../base/router.ts';
import { may } from '../base/session.ts';
import { t } from '../base/strings.ts';
import { JobsState, useGet } from '../parts/common.tsx';
import { JobCard } from '../parts/job.tsx';

interface Result {
  current_threshold?: number;
  current_assignment_rate?: number;
  recommendation?: { threshold: number | null; reason: string };
}

const percent = (share: number): string => `${number(share * 100, 1)} %`;

function Finding({ job }: { job: Job }) {
  const { body } = useGet<Result>(`api/reid/${job.job_id}/result.json`);
  const { recommendation, current_threshold, current_assignment_rate } = body ?? {};
  return (
    <div class="finding">
      {current_threshold !== undefined && current_assignment_rate !== undefined && (
        <p>{t.reid.current(String(current_threshold), percent(current_assignment_rate))}</p>
      )}
      {recommendation !== undefined && (
        <>
          <p>
            <strong>
              {recommendation.threshold === null
                ? t.reid.refused
                : t.reid.recommended(String(recommendation.threshold))}
            </strong>
          </p>
          <p>{recommendation.reason}</p>
        </>
      )}
      <p>
        <a class="button" href={href(`/api/reid/${job.job_id}/report`)} target="_blank" rel="noopener">
          {t.reid.open}
        </a>{' '}
        <a href={href(`/api/reid/${job.job_id}/result.json`)} download="result.json">
          {t.reid.json}
        </a>
      </p>
    </div>
  );
}

export function Reid() {
  const refusal = useSignal('');
  const run = async (analysis: string): Promise<void> => {
    refusal.value = '';
    try {
      await askFor(`reid/${analysis}`, {});
    } catch (error) {
      refusal.value = error instanceof Refusal ? error.message : String(error);
    }
  };
  const analyses = jobs.value?.filter((job) => findJobKind(job).kind === 'reid') ?? [];
  return (
    <>
      <h1 tabIndex={-1}>{t.reid.title}</h1>
      <p>{t.reid.intro}</p>
      {may('reid') ? (
        <ul class="cards" aria-label={t.reid.title}>
          {Object.entries(t.reid.analyses).map(([name, [title, question]]) => (
            <li key={name}>
              <h2>{title}</h2>
              <p>{question}</p>
              <button type="button" onClick={() => void run(name)} aria-label={`${t.reid.run}: ${title}`}>
                {t.reid.run}
              </button>
            </li>
          ))}
        </ul>
      ) : (
        <p class="quiet">{t.reid.mayNot}</p>
      )}
      {refusal.value !== '' && (
        <p class="wrong" role="alert">
          {refusal.value}
        </p>
      )}
      <section>
        <h2>{t.reid.results}</h2>
        <JobsState isEmpty={analyses.length === 0} none={t.reid.none} />
        <ul class="cards" aria-label={t.reid.results}>
          {analyses.map((job) => (
            <JobCard key={job.job_id} job={job}>
              {job.status === 'completed' && <Finding job={job} />}
            </JobCard>
          ))}
        </ul>
      </section>
    </>
  );
}
