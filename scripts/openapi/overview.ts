// What the service answers to a page: the season, names, deer and their pictures.
import { optional, secured, text } from './access.ts';
import { problem, type Response, responses, said } from './answers.ts';

const LOCATION = '7c9e6679-7425-40de-944b-e07fc1f90ae7';
const DEER = '3b241101-e2bb-4255-8caf-4136c566a962';
const DETECTION = '0f0f6a4c-2c55-4f5e-a4ea-6f1b7e1f9a01';
const ATLAS = {
  ...{ deer_id: DEER, name: 'Atlas', sex: 'buck', events: 28, detections: 61, cameras: 5 },
  ...{ first_seen: '2023-09-25T00:36:52.000Z', last_seen: '2024-01-20T23:41:09.000Z', best_detection_id: DETECTION },
};

const overview = {
  season: {
    description: 'The numbers of the period, its cameras, and what needs attention.',
    body: {
      of: 'Season',
      examples: {
        year: {
          period: { start_date: '2023-02-02', end_date: '2024-02-01', time_zone: 'America/Chicago' },
          is_default_shifted: false,
          as_of: '2024-02-01T18:20:00.000Z',
          numbers: {
            ...{ detections: 11_471, events: 6_204, individuals: 20, trap_nights: 2873.25 },
            events_per_100_trap_nights: 215.9,
          },
          by_month: [{ month: '2023-02', class: 'doe', events: 204, trap_nights: 231, rate: 88.3 }],
          classes: [{ name: 'doe', label: 'doe', detections: 4_428, events: 2_501 }],
          cameras: [
            {
              ...{ location_id: LOCATION, name: 'North Ridge', detections: 1_614, events: 802 },
              ...{ trap_nights: 366, rate: 219.1, latitude: 43.52, longitude: -90.71, coordinate_precision: 'rounded' },
              ...{ last_image_at: '2024-02-01T12:01:44.000Z', is_running: true, is_silent: false },
            },
          ],
          attention: [{ kind: 'camera_silent', text: 'A camera took no image for more than 7 days: Creek.', count: 1 }],
          is_empty: false,
        },
        empty: {
          period: { start_date: '2023-02-02', end_date: '2024-02-01', time_zone: 'UTC' },
          is_default_shifted: false,
          as_of: '2024-02-01T18:20:00.000Z',
          numbers: { detections: 0, events: 0, individuals: null, trap_nights: null, events_per_100_trap_nights: null },
          ...{ by_month: [], classes: [], cameras: [] },
          attention: [{ kind: 'empty', text: 'The database has no detections yet.', count: 0 }],
          is_empty: true,
        },
      },
    },
  },
  names: {
    description: 'Classes, cameras and deer with their detections, and the days that the images span.',
    body: {
      of: 'Names',
      examples: {
        herd: {
          classes: [{ name: 'doe', label: 'doe', count: 4_428 }],
          cameras: [{ location_id: LOCATION, name: 'North Ridge', count: 1_614 }],
          deer: [{ deer_id: DEER, name: 'Atlas', count: 61 }],
          ...{ first_day: '2023-09-01', last_day: '2024-02-01' },
        },
      },
    },
  },
  deer: {
    description: 'The known deer, and what is assigned to none of them.',
    body: { of: 'Deer', examples: { herd: { deer: [ATLAS], unassigned: { events: 4_108, detections: 8_248 } } } },
  },
  oneDeer: {
    description: 'The sightings of one deer.',
    body: {
      of: 'OneDeer',
      examples: {
        atlas: {
          deer: ATLAS,
          by_camera: [{ location_id: LOCATION, name: 'North Ridge', events: 14 }],
          by_hour: [0, 0, 0, 0, 2, 6, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 5, 8, 1, 0, 0, 0, 0],
          events: [
            {
              ...{ at: '2024-01-20T23:41:09.000Z', camera: 'North Ridge', detection_count: 1 },
              detections: [{ detection_id: DETECTION, classification: 'buck', has_picture: true }],
            },
          ],
          next: 'MjAyNC0wMS0yMA',
          look_alikes: [{ deer_id: LOCATION, name: 'Bramble', similarity: 0.6812 }],
        },
      },
    },
  },
  noDeer: { description: 'There is no such deer.', body: problem({ unknown: said('There is no such deer') }) },
  badPage: {
    description: 'The query asks for no page.',
    body: problem({ limit: said('limit must be a whole number from 1 to 100') }),
  },
  crop: {
    description: 'The picture.',
    headers: {
      'Cache-Control': { description: 'Kept by the browser alone.', example: 'private, max-age=300' },
      ETag: { description: 'Changes with the image, the box and the size.', example: '"n4bQgYhMfWWaL-qgxVrQFa"' },
    },
    body: { types: ['image/jpeg'], examples: { picture: '(bytes of a JPEG)' } },
  },
  sameCrop: {
    description: 'The reader has it already (If-None-Match).',
    headers: { ETag: { description: 'As it was.', example: '"n4bQgYhMfWWaL-qgxVrQFa"' } },
  },
  badSize: {
    description: 'The size is none.',
    body: problem({ size: said('size must be a whole number of pixels from 32 to 640') }),
  },
  noCrop: {
    description: 'There is no picture that may be shown, and why.',
    body: problem({
      unknown: said('There is no such detection'),
      person: said('A person is in the image: such pictures are never shown'),
      missing: said('image file is missing'),
    }),
  },
  badPeriod: {
    description: 'The dates are no period.',
    body: problem({
      form: said('start_date must be a date in YYYY-MM-DD format'),
      order: said('start_date must be before end_date'),
    }),
  },
} as const satisfies Record<string, Response>;

const START = 'First day, in TIME_ZONE; without dates the last twelve months that have a detection.';
const DATE = { type: 'string', format: 'date' };

const inPath = (name: string, description: string, example: string) => ({
  ...{ name, in: 'path', required: true, description, schema: text, example },
});

const seasonPaths = (): object => ({
  '/api/season': {
    get: {
      operationId: 'season',
      summary: 'A period in numbers',
      tags: ['overview'],
      parameters: [
        optional('query', 'start_date', START, DATE, '2023-09-01'),
        optional('query', 'end_date', 'Last day; at most 365 days after the first.', DATE, '2024-01-31'),
      ],
      ...secured('read', { 200: overview.season, 400: overview.badPeriod, 503: responses.unavailable }),
    },
  },
  '/api/names': {
    get: {
      operationId: 'names',
      summary: 'What a form can offer',
      tags: ['overview'],
      ...secured('read', { 200: overview.names, 503: responses.unavailable }),
    },
  },
});

const deerPaths = (): object => ({
  '/api/deer': {
    get: {
      operationId: 'deer',
      summary: 'The known deer',
      tags: ['overview'],
      ...secured('read', { 200: overview.deer, 503: responses.unavailable }),
    },
  },
  '/api/deer/{deer_id}': {
    get: {
      operationId: 'oneDeer',
      summary: 'The sightings of one deer',
      tags: ['overview'],
      parameters: [
        inPath('deer_id', 'Id of the deer.', DEER),
        optional('query', 'before', 'The `next` of an earlier answer.', text, 'MjAyNC0wMS0yMA'),
        optional('query', 'limit', 'Events of this page.', { type: 'integer', minimum: 1, maximum: 100 }, 20),
      ],
      ...secured('read', {
        200: overview.oneDeer,
        400: overview.badPage,
        404: overview.noDeer,
        503: responses.unavailable,
      }),
    },
  },
  '/api/crops/{detection_id}': {
    get: {
      operationId: 'crop',
      summary: 'The picture of a detection',
      tags: ['overview'],
      parameters: [
        inPath('detection_id', 'Id of the detection.', DETECTION),
        optional('query', 'size', 'Longest side in pixels.', { type: 'integer', minimum: 32, maximum: 640 }, 320),
      ],
      ...secured('read', {
        200: overview.crop,
        304: overview.sameCrop,
        400: overview.badSize,
        404: overview.noCrop,
        503: responses.unavailable,
      }),
    },
  },
});

export const overviewPaths = (): object => ({ ...seasonPaths(), ...deerPaths() });
