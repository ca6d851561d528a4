// Reads an occupancy study in one snapshot: the season of its period, and its sites.
import { Fault } from '../../errors.ts';
import { makeScope, readSeason, type Scope, type Season } from '../season/index.ts';
import type { RenderJob } from '../shared/renderer.ts';
import { DEFAULT_OCCASION_DAYS } from '../shared/request.ts';
import { loadSites, type Sites } from '../sites/read.ts';
import type { OccupancyRequest } from './request.ts';

export interface Study extends Sites {
  season: Season;
}

/**
 * Everything that the tables show.
 * @throws Fault `invalid`: unknown names
 */
export function readStudy({
  database,
  request,
  timeZone,
  createdAt,
  locator,
}: Pick<RenderJob<OccupancyRequest>, 'database' | 'request' | 'timeZone' | 'createdAt' | 'locator'>): Promise<Study> {
  const occasionDays = request.occasion_days ?? DEFAULT_OCCASION_DAYS;
  const scope: Scope = {
    ...makeScope({ ...request, group_by: 'month' }, timeZone, createdAt),
    deerOnly: !request.classifications?.length,
  };
  return database.read(async (queries) => {
    const season = await readSeason(queries, scope);
    return { season, ...(await loadSites(queries, scope, occasionDays, locator)) };
  });
}

/** The one sentence for a study without effort. */
export const withoutEffort = (start: string, end: string): Fault =>
  new Fault(
    'invalid',
    `No camera effort found between ${start} and ${end}: an occupancy data set needs deployments or images of the period`,
  );
