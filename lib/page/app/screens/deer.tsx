// The enrolled deer, and one of them.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get } from '../base/api.ts';
import { day, instant, number } from '../base/format.ts';
import { t } from '../base/strings.ts';
import { HourChart } from '../parts/charts.tsx';
import { Crop, Link, Loading, Table, useGet } from '../parts/common.tsx';

interface Deer {
  deer_id: string;
  name: string | null;
  sex: string | null;
  events: number;
  detections: number;
  cameras: number;
  first_seen: string | null;
  last_seen: string | null;
  best_detection_id: string | null;
}

const call = ({ name, deer_id }: Pick<Deer, 'name' | 'deer_id'>): string => name ?? deer_id.slice(0, 8);

const Seen = ({ deer }: { deer: Deer }) => (
  <>
    <p>
      {deer.sex !== null && <span class="tag">{deer.sex}</span>} {t.deer.sightings(deer.events)},{' '}
      {t.deer.cameras(deer.cameras)}
    </p>
    <p class="quiet">
      {deer.first_seen === null || deer.last_seen === null
        ? t.deer.neverSeen
        : t.deer.seen(day(deer.first_seen), day(deer.last_seen))}
    </p>
  </>
);

/** Which sexes there are, the most frequent first. */
function listSexes(deer: readonly Deer[]): string[] {
  const counts = new Map<string, number>();
  for (const { sex } of deer) if (sex !== null) counts.set(sex, (counts.get(sex) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([sex]) => sex);
}

export function AllDeer() {
  const sex = useSignal('');
  const loaded = useGet<{ deer: Deer[]; unassigned: { events: number; detections: number } }>('api/deer');
  return (
    <>
      <h1 tabIndex={-1}>{t.deer.title}</h1>
      <Loading loaded={loaded}>
        {({ deer, unassigned }) => (
          <>
            {deer.length === 0 && <p>{t.deer.none}</p>}
            <p class="quiet">{t.deer.unassigned(unassigned.events, unassigned.detections)}</p>
            {listSexes(deer).length > 1 && (
              <p class="field">
                <label for="sex">{t.deer.show}</label>
                <select id="sex" value={sex.value} onChange={({ currentTarget }) => (sex.value = currentTarget.value)}>
                  <option value="">{t.deer.everySex}</option>
                  {listSexes(deer).map((name) => (
                    <option key={name} value={name}>
                      {name}
                    </option>
                  ))}
                </select>
              </p>
            )}
            <ul class="faces">
              {deer
                .filter((each) => sex.value === '' || each.sex === sex.value)
                .map((each) => (
                  <li key={each.deer_id}>
                    <Link to={`/deer/${encodeURIComponent(each.deer_id)}`}>
                      <Crop id={each.best_detection_id} alt={t.deer.picture(call(each))} />
                      <h2 dir="auto">{call(each)}</h2>
                    </Link>
                    <Seen deer={each} />
                  </li>
                ))}
            </ul>
          </>
        )}
      </Loading>
    </>
  );
}

interface Sighting {
  at: string;
  camera: string;
  detections: { detection_id: string; classification: string; has_picture?: boolean }[];
}
interface OneAnswer {
  deer: Deer;
  by_camera: { location_id: string; name: string; events: number }[];
  by_hour: number[];
  events: Sighting[];
  next?: string | number;
  look_alikes: { deer_id: string; name: string | null; similarity: number }[];
}

function Sightings({ id, first }: { id: string; first: OneAnswer }) {
  const more = useSignal<{ events: Sighting[]; next: OneAnswer['next'] }>({ events: [], next: first.next });
  useEffect(() => {
    more.value = { events: [], next: first.next };
  }, [first]);
  const load = async (): Promise<void> => {
    const path = `api/deer/${encodeURIComponent(id)}?before=${encodeURIComponent(String(more.value.next))}`;
    const { events, next } = await get<OneAnswer>(path);
    more.value = { events: [...more.value.events, ...events], next };
  };
  return (
    <section>
      <h2>{t.deer.events}</h2>
      <ul class="events">
        {[...first.events, ...more.value.events].map(({ at, camera, detections }) => (
          <li key={`${at} ${camera}`}>
            <p>
              {instant(at)} <span dir="auto">{camera}</span>
            </p>
            <div class="strip">
              {detections.map(({ detection_id, classification, has_picture }) => (
                <Crop
                  key={detection_id}
                  id={has_picture === false ? null : detection_id}
                  alt={t.deer.captionPicture(classification, instant(at))}
                  size={240}
                />
              ))}
            </div>
          </li>
        ))}
      </ul>
      {more.value.next !== undefined && more.value.next !== null && (
        <button type="button" onClick={() => void load().catch(() => undefined)}>
          {t.deer.more}
        </button>
      )}
    </section>
  );
}

export function OneDeer({ id }: { id: string }) {
  const loaded = useGet<OneAnswer>(`api/deer/${encodeURIComponent(id)}`);
  return (
    <>
      <p>
        <Link to="/deer">{t.deer.back}</Link>
      </p>
      <h1 tabIndex={-1} dir="auto">
        {loaded.body === undefined ? t.deer.title : call(loaded.body.deer)}
      </h1>
      <Loading loaded={loaded}>
        {(answer) => (
          <>
            <div class="halves">
              <figure>
                <Crop id={answer.deer.best_detection_id} alt={t.deer.picture(call(answer.deer))} size={640} />
                <figcaption class="quiet">{t.deer.best}</figcaption>
              </figure>
              <div>
                <Seen deer={answer.deer} />
                <HourChart hours={answer.by_hour} />
                <Table
                  title={t.deer.byCamera}
                  head={[t.overview.camera, t.deer.events]}
                  rows={answer.by_camera.map(({ name, events }) => [name, number(events)])}
                />
              </div>
            </div>
            {answer.look_alikes.length > 0 && (
              <section>
                <h2>{t.deer.lookAlikes}</h2>
                <ul>
                  {answer.look_alikes.map((each) => (
                    <li key={each.deer_id}>
                      <Link to={`/deer/${encodeURIComponent(each.deer_id)}`}>{call(each)}</Link>{' '}
                      <span class="quiet">{t.deer.likeness(number(each.similarity, 2))}</span>
                    </li>
                  ))}
                </ul>
              </section>
            )}
            <Sightings id={id} first={answer} />
          </>
        )}
      </Loading>
    </>
  );
}
