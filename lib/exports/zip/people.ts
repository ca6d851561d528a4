// In which images of a selection a person is: none of them leaves as a crop or frame.
import type { Queries } from '../../adapters/postgres.ts';
import { findPeople, findPeopleWith, type People } from '../../deer/detections.ts';
import { inPeriod, type Scope } from '../season/index.ts';

/** The images of `ids`, or without them those of the period. */
export type Selected = Pick<Scope, 'ids' | 'start' | 'end' | 'timeZone'>;

export const peopleIn = (queries: Queries, selected: Selected): Promise<People> =>
  selected.ids === undefined
    ? findPeople(queries, inPeriod('i.timestamp'), [selected.start, selected.end, selected.timeZone])
    : findPeopleWith(queries, selected.ids);
