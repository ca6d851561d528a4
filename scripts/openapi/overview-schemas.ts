// Schemas of what a page reads: the session, the season, names, deer and their pictures.
import Type from 'typebox';
import { SCOPES } from '../../lib/access/scopes.ts';
import { PRECISIONS } from '../../lib/precision.ts';

const closed = { additionalProperties: false };
const orNull = (schema: object, description?: string) =>
  Type.Unsafe({ anyOf: [schema, { type: 'null' }], ...(description === undefined ? {} : { description }) });
const counted = () => Type.Integer({ minimum: 0 });
const nights = () => orNull({ type: 'number', minimum: 0 }, 'Trap nights; null where no effort is known.');
const rate = () => orNull({ type: 'number', minimum: 0 }, 'Events per 100 trap nights; null without effort.');
const instant = (description?: string) => orNull({ type: 'string', format: 'date-time' }, description);
const day = () => Type.String({ format: 'date' });
const uuid = () => Type.String({ format: 'uuid' });
const label = Type.String({ description: 'As a page shows it.' });

const Camera = Type.Object(
  {
    location_id: orNull({ type: 'string', format: 'uuid' }, 'null: the images without a location.'),
    name: Type.String(),
    detections: counted(),
    events: counted(),
    trap_nights: nights(),
    rate: rate(),
    latitude: orNull({ type: 'number' }, 'As exactly as COORDINATES says.'),
    longitude: orNull({ type: 'number' }),
    coordinate_precision: orNull(
      { type: 'string', enum: [...PRECISIONS] },
      'How the coordinates are given; null where none are known.',
    ),
    last_image_at: instant('Until the end of the period.'),
    is_running: Type.Boolean({
      description: 'At the end of the period, or now; true where no deployments are known.',
    }),
    is_silent: Type.Boolean({ description: 'Running, and without an image for more than 7 days.' }),
  },
  closed,
);

const Deer = Type.Object(
  {
    deer_id: uuid(),
    name: Type.String({ description: 'Or a short id where it has none.' }),
    sex: orNull({ type: 'string' }, 'As the database has it; null where it is not known.'),
    events: counted(),
    detections: counted(),
    cameras: counted(),
    first_seen: instant(),
    last_seen: instant(),
    best_detection_id: orNull(
      { type: 'string', format: 'uuid' },
      'Of its best picture (GET /api/crops/{detection_id}); null without one.',
    ),
  },
  closed,
);
const Sighting = Type.Object(
  {
    at: Type.String({ format: 'date-time' }),
    camera: orNull({ type: 'string' }, 'null: an image without a location.'),
    detection_count: counted(),
    detections: Type.Array(
      Type.Object(
        {
          detection_id: uuid(),
          classification: Type.String(),
          has_picture: Type.Boolean({ description: 'Whether a picture of it may be shown.' }),
        },
        closed,
      ),
      { maxItems: 100 },
    ),
  },
  closed,
);

const who = {
  key: Type.String({ description: 'First 8 characters of the key; `local` where none is needed.' }),
  owner: Type.Optional(Type.String()),
  scopes: Type.Array(Type.String({ enum: [...SCOPES] })),
};
const service = {
  version: Type.String(),
  today: Type.String({ format: 'date', description: 'The day in time_zone.' }),
  time_zone: Type.String({ description: 'In which days and hours are meant: an IANA name.' }),
  event_stream: Type.Boolean({ description: 'Whether GET /api/events works here.' }),
  keys_required: Type.Boolean(),
  limits: Type.Object(
    {
      most_days: Type.Integer({ description: 'Of one export, with the first day and the last one.' }),
      most_detections: Type.Integer({ description: 'In detection_ids of one archive.' }),
      most_waiting_jobs: Type.Integer({ description: 'Of one owner; 0 = no limit.' }),
      most_alive_bytes: Type.Integer({ description: 'In files of one owner; 0 = no limit.' }),
    },
    closed,
  ),
};

export const overviewSchemas = {
  Session: Type.Object(
    {
      ...who,
      ...service,
    },
    closed,
  ),
  SignedIn: Type.Object(who, closed),

  Season: Type.Object(
    {
      period: Type.Object({ start_date: day(), end_date: day(), time_zone: Type.String() }, closed),
      is_default_shifted: Type.Boolean({
        description:
          'No dates were asked for, and the last twelve months have no detection: these are the last that do.',
      }),
      as_of: Type.String({ format: 'date-time', description: 'Until when effort is counted.' }),
      numbers: Type.Object(
        {
          detections: counted(),
          events: counted(),
          individuals: orNull({ type: 'integer', minimum: 0 }, 'Known deer; null where no detection has an identity.'),
          trap_nights: nights(),
          events_per_100_trap_nights: rate(),
        },
        { ...closed, description: 'Those of a PDF report of the same period.' },
      ),
      by_month: Type.Array(
        Type.Object(
          {
            month: Type.String({ pattern: '^\\d{4}-\\d{2}$' }),
            class: Type.String(),
            events: counted(),
            trap_nights: nights(),
            rate: rate(),
          },
          closed,
        ),
      ),
      classes: Type.Array(
        Type.Object({ name: Type.String(), label, detections: counted(), events: counted() }, closed),
      ),
      cameras: Type.Array(Camera, { description: 'Those with the most detections first.' }),
      attention: Type.Array(
        Type.Object(
          {
            kind: Type.String({
              enum: ['camera_silent', 'outside_deployment', 'parked_jobs', 'reviews_waiting', 'empty'],
            }),
            text: Type.String({ description: 'A sentence.' }),
            count: counted(),
          },
          closed,
        ),
      ),
      is_empty: Type.Boolean({ description: 'There is no detection in the whole database.' }),
    },
    closed,
  ),
  Names: Type.Object(
    {
      classes: Type.Array(Type.Object({ name: Type.String(), label, count: counted() }, closed), {
        description: 'Of animals, those with the most detections first.',
      }),
      cameras: Type.Array(Type.Object({ location_id: uuid(), name: Type.String(), count: counted() }, closed)),
      deer: Type.Array(Type.Object({ deer_id: uuid(), name: Type.String(), count: counted() }, closed)),
      first_day: orNull({ type: 'string', format: 'date' }, 'Of the first image.'),
      last_day: orNull({ type: 'string', format: 'date' }, 'Of the last image.'),
    },
    closed,
  ),
  Deer: Type.Object(
    {
      deer: Type.Array(Deer, { description: 'Those with the most events first.' }),
      unassigned: Type.Object({ events: counted(), detections: counted() }, closed),
    },
    closed,
  ),
  OneDeer: Type.Object(
    {
      deer: Deer,
      by_camera: Type.Array(
        Type.Object(
          {
            location_id: orNull({ type: 'string', format: 'uuid' }),
            name: orNull({ type: 'string' }),
            events: counted(),
          },
          closed,
        ),
      ),
      by_hour: Type.Array(counted(), { minItems: 24, maxItems: 24, description: 'Events by hour of the day.' }),
      events: Type.Array(Sighting, { description: 'The newest first.' }),
      next: orNull({ type: 'string' }, 'What the next page asks for as `before`; null on the last page.'),
      look_alikes: Type.Array(
        Type.Object(
          { deer_id: uuid(), name: Type.String(), similarity: Type.Number({ minimum: -1, maximum: 1 }) },
          closed,
        ),
        { description: 'Deer whose profiles are the most similar.' },
      ),
    },
    closed,
  ),
} as const;
