// What may be asked of an occupancy data set (docs/EXPORT_VALIDATION.md).
import Type, { type Static } from 'typebox';
import type { RequestContract } from '../shared/kind.ts';
import { closed, coordinates, date, filters, occasionDays } from '../shared/request.ts';
import { dateRules } from '../shared/rules.ts';
import type { occupancyKind } from './kind.ts';

const Body = Type.Object(
  {
    start_date: date(),
    end_date: date(),
    ...filters,
    coordinates: coordinates(),
    occasion_days: occasionDays(),
  },
  closed,
);

export type OccupancyRequest = Static<typeof Body>;

export const occupancyContract: RequestContract<typeof occupancyKind.kind, OccupancyRequest> = {
  kind: 'occupancy',
  schema: Body,
  rules: (body, today) => dateRules(body.start_date, body.end_date, today),
  description:
    'The input of an occupancy model (R package unmarked): a detection history of locations by occasions of occasion_days days, the camera effort of the same, and the locations. ' +
    'Without classifications it is about deer.',
  examples: { season: { start_date: '2023-09-01', end_date: '2023-11-30', occasion_days: 7 } },
};
