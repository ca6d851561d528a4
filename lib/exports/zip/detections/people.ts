// The images of a selection that show a person: no crop or frame of them is exported.
import type { Queries } from '../../../adapters/postgres.ts';
import { findPeople, findPeopleWith, type People } from '../../../deer/detections.ts';
import { inPeriod, type Scope } from '../../season/index.ts';

type Selected = Pick<Scope, 'ids' | 'start' | 'end' | 'timeZone'>;

/** Looks at the images of `ids` or, without ids, at those of the period. */
export const loadPeople = (queries: Queries, selected: Selected): Promise<People> =>
  selected.ids === undefined
    ? findPeople(queries, inPeriod('i.timestamp'), [selected.start, selected.end, selected.timeZone])
    : findPeopleWith(queries, selected.ids);
