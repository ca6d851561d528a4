// What may be asked of a ZIP archive (docs/EXPORT_VALIDATION.md).
import Type, { type Static } from 'typebox';
import type { RequestContract } from '../shared/kind.ts';
import {
  closed,
  coordinates,
  date,
  filters,
  flag,
  given,
  groupBy,
  identities,
  independenceMinutes,
  MOST_DETECTION_IDS,
  occasionDays,
} from '../shared/request.ts';
import type { zipKind } from './kind.ts';
import { zipRules } from './rules.ts';

// Not as a URN, which the format allows as well.
const Uuid = Type.String({ format: 'uuid', pattern: '^[0-9A-Fa-f]{8}-', expected: 'a UUID' });

const Body = Type.Object(
  {
    start_date: Type.Optional(date()),
    end_date: Type.Optional(date()),
    group_by: Type.Optional(groupBy()),
    ...filters,
    independence_minutes: independenceMinutes(),
    detection_ids: Type.Optional(
      Type.Array(Uuid, {
        minItems: 1,
        maxItems: MOST_DETECTION_IDS,
        expected: `a list of 1 to ${MOST_DETECTION_IDS} detection ids`,
      }),
    ),
    include_crops: flag(true),
    crop_size: Type.Optional(
      Type.Integer({
        minimum: 128,
        maximum: 1024,
        default: 300,
        expected: 'a whole number of pixels from 128 to 1024',
      }),
    ),
    include_metadata_csv: flag(true),
    include_camtrap_dp: flag(true),
    include_survey: flag(true),
    occasion_days: occasionDays(),
    identities: identities(),
    coordinates: coordinates(),
    include_people: flag(false),
  },
  closed,
);

export type ZipRequest = Static<typeof Body>;

const acrossFields = {
  anyOf: [given('detection_ids'), { allOf: [given('start_date'), given('end_date'), given('group_by')] }],
  allOf: [
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    { if: given('start_date'), then: given('end_date') },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    { if: given('end_date'), then: given('start_date') },
  ],
};

export const zipContract: RequestContract<typeof zipKind.kind, ZipRequest> = {
  kind: 'zip',
  schema: Body,
  acrossFields,
  rules: zipRules,
  description:
    'An archive: of detection_ids, or of the detections from start_date to end_date (with group_by), or of those ids inside the dates. One date is never given ' +
    'without the other. Files for R and GIS (include_survey) are about all detections of a period, so there are none with detection_ids.',
  examples: {
    season: { start_date: '2023-11-01', end_date: '2023-11-30', group_by: 'week', crop_size: 300 },
    ids: { detection_ids: ['3b241101-e2bb-4255-8caf-4136c566a962'], include_crops: true, include_metadata_csv: true },
  },
};
