// Where the demo herd's cameras were: eight cameras, nine locations (one camera was moved), and
// when they worked.
import { metersBetween } from '../../lib/deer/coordinates.ts';

/** Days are counted from the first day of the herd's year, 2023-09-01, in local standard time. */
export const FIRST_DAY = Date.UTC(2023, 8, 1);
export const DAYS = 366;
export const DAY_MS = 86_400_000;
/**
 * Central standard time; the sun keeps no daylight saving time, so activity is drawn in this fixed
 * offset.
 */
export const OFFSET_MS = -6 * 3_600_000;
export const TIME_ZONE = 'America/Chicago';

export interface DemoLocation {
  name: string;
  description: string;
  /** Two decimals, about 1 km: vague on purpose. */
  lat: number;
  lon: number;
}

export const LOCATIONS: readonly DemoLocation[] = [
  { name: 'North Ridge', description: 'oak ridge above the hay field', lat: 43.52, lon: -90.71 },
  { name: 'Creek Crossing', description: 'game trail where the creek is shallow', lat: 43.5, lon: -90.69 },
  { name: 'Old Orchard', description: 'apple trees behind the barn', lat: 43.49, lon: -90.72 },
  { name: 'South Field Edge', description: 'edge of the bean field', lat: 43.47, lon: -90.7 },
  { name: 'Cedar Draw', description: 'cedar thicket, bedding area', lat: 43.53, lon: -90.74 },
  { name: 'Mill Pond', description: 'east bank of the pond', lat: 43.51, lon: -90.66 },
  { name: 'Fence Gap', description: 'gap in the line fence', lat: 43.48, lon: -90.67 },
  { name: 'Logging Road', description: 'end of the logging road', lat: 43.54, lon: -90.68 },
  { name: 'Beaver Meadow', description: 'meadow below the old dam', lat: 43.55, lon: -90.71 },
];

export const CAMERAS = 8;

/** A deployment of one camera. */
export interface Stay {
  camera: number;
  /** Index into LOCATIONS. */
  location: number;
  /** First day, and the day after the last one. */
  from: number;
  to: number;
}

/**
 * Camera 5 was in repair for 23 days; camera 7 was moved in February from the logging road to the
 * beaver meadow.
 */
export const STAYS: readonly Stay[] = [
  { camera: 0, location: 0, from: 0, to: 366 },
  { camera: 1, location: 1, from: 0, to: 366 },
  { camera: 2, location: 2, from: 4, to: 366 },
  { camera: 3, location: 3, from: 0, to: 358 },
  { camera: 4, location: 4, from: 9, to: 366 },
  { camera: 5, location: 5, from: 0, to: 141 },
  { camera: 5, location: 5, from: 164, to: 366 },
  { camera: 6, location: 6, from: 0, to: 366 },
  { camera: 7, location: 7, from: 0, to: 158 },
  { camera: 7, location: 8, from: 160, to: 366 },
];

/** Camera 3 was deployed with a full card from day 243 to 256 and took no images. */
const SILENT = { camera: 3, from: 243, to: 257 };

/** The stay of a camera on a day when it took images, else undefined. */
export function stayOn(camera: number, day: number): number | undefined {
  if (camera === SILENT.camera && day >= SILENT.from && day < SILENT.to) return undefined;
  const at = STAYS.findIndex((stay) => stay.camera === camera && day >= stay.from && day < stay.to);
  return at < 0 ? undefined : at;
}

/**
 * A deer on its way does 2 m/s; the starts of two visits to one location are at least a minute
 * apart, and visits last 36 s at most.
 */
const METRES_PER_SECOND = 2;
const LEAST_MS = 60_000;

const WALKS = STAYS.map((from) =>
  STAYS.map(
    (to) => LEAST_MS + (1_000 * metersBetween(LOCATIONS[from.location], LOCATIONS[to.location])!) / METRES_PER_SECOND,
  ),
);

/** Least time in ms between the starts of two visits of one animal, from stay to stay. */
export const walkMs = (from: number, to: number): number => WALKS[from]![to]!;
