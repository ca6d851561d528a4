// What a page says of cameras and of the whole database beyond a season's numbers, from the same
// snapshot.
import type { Queries } from '../adapters/postgres.ts';
import { readColumns } from '../deer/columns.ts';
import { isAccepted } from '../deer/detections.ts';
import { GAP_DAYS, hasDeployments } from '../exports/season/index.ts';

export interface DatabaseFacts {
  /** Of accepted detections, not later than now. */
  newest: Date | null;
  isEmpty: boolean;
  /** Whether any detection is assigned to a deer. */
  hasIdentities: boolean;
}

/** @param asOf now: clocks of cameras that are wrong say later times */
export async function readFacts({ rows }: Queries, asOf: Date): Promise<DatabaseFacts> {
  const [facts] = await rows<DatabaseFacts>(
    `SELECT (SELECT max(i.timestamp) FROM detections d JOIN images i ON i.id = d.image_id WHERE ${isAccepted('d')} AND i.timestamp <= $1) AS newest,
            NOT EXISTS (SELECT FROM detections) AS "isEmpty", EXISTS (SELECT FROM detections WHERE deer_id IS NOT NULL) AS "hasIdentities"`,
    [asOf],
  );
  return facts!;
}

export interface CameraState {
  coordinates: unknown;
  /** Its last image until then. */
  lastImage: Date | null;
  isRunning: boolean;
  /** It is running and took no image for more than GAP_DAYS. */
  isSilent: boolean;
}

const DAY_MS = 86_400_000;

/** $1 the moment. A location without any deployment is taken for running. */
const states = (deployments: string): string => `
SELECT l.id, l.coordinates, s.last AS "lastImage", coalesce(r.running, true) AS running, r.since
FROM locations l
LEFT JOIN (SELECT location_id, max(timestamp) AS last FROM images WHERE timestamp <= $1 GROUP BY location_id) s ON s.location_id = l.id
LEFT JOIN (${deployments}) r ON r.location_id = l.id`;

const DEPLOYED = `SELECT location_id, bool_or(starts_at <= $1 AND (ends_at IS NULL OR ends_at >= $1)) AS running,
  min(starts_at) FILTER (WHERE starts_at <= $1 AND (ends_at IS NULL OR ends_at >= $1)) AS since
FROM deployments GROUP BY location_id`;
const UNRECORDED = 'SELECT NULL::uuid AS location_id, NULL::boolean AS running, NULL::timestamptz AS since WHERE false';

/** The cameras of all locations at one moment, by location. */
export async function readCameraStates(queries: Queries, at: Date): Promise<Map<string, CameraState>> {
  const found = await queries.rows<
    Pick<CameraState, 'coordinates' | 'lastImage'> & { id: string; running: boolean; since: Date | null }
  >(states((await hasDeployments(queries)) ? DEPLOYED : UNRECORDED), [at]);
  return new Map(
    found.map(({ id, coordinates, lastImage, running, since }) => {
      // A camera that was hung up yesterday has not been silent for a week.
      const seen = Math.max(lastImage?.getTime() ?? 0, since?.getTime() ?? 0);
      return [
        id,
        { coordinates, lastImage, isRunning: running, isSilent: running && at.getTime() - seen > GAP_DAYS * DAY_MS },
      ];
    }),
  );
}

/** Detections whose reviewers could not tell, and that nobody has decided since. */
export async function countUnsure(queries: Queries): Promise<number> {
  if (!(await readColumns(queries))('reid_reviews')) return 0;
  const [found] = await queries.rows<{ unsure: number }>(
    `SELECT count(*) FILTER (WHERE unsure) AS unsure FROM (
       SELECT bool_and(verdict = 'unsure') AS unsure FROM reid_reviews GROUP BY detection_id
     ) reviewed`,
  );
  return found!.unsure;
}
