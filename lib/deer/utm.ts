// Places in meters: the UTM zone of a set of cameras, and their coordinates in it (WGS 84).
import proj4 from 'proj4';

type Degrees = readonly [longitude: number, latitude: number];

/** One coordinate system for all cameras: a zone, and one side of the equator. */
export interface UtmZone {
  zone: number;
  south: boolean;
  /** Code of the coordinate system, such as 32614 for zone 14 north. */
  epsg: number;
  /** `14N`. */
  name: string;
}

/** More zones than that are too far apart for coordinates of one of them. */
export const MOST_ZONES = 2;

/**
 * UTM is defined from 80 degrees south to 84 degrees north.
 */
const isCovered = ([, latitude]: Degrees): boolean => latitude >= -80 && latitude <= 84;

/**
 * The zone of 6 degrees that a longitude is in; its western edge belongs to it, and 180 degrees to
 * zone 60. The wider zones of Norway (32V) and Svalbard (31X to 37X) are not used: they change
 * which zone a place is given, not where it is, and GIS programs take any zone nearby.
 */
export const findZone = (longitude: number): number => Math.min(60, Math.floor((longitude + 180) / 6) + 1);

/** How many zones the places are in; those beyond UTM are in none. */
export const countZones = (places: readonly Degrees[]): number =>
  new Set(places.filter(isCovered).map(([longitude]) => findZone(longitude))).size;

/** The zones go around the earth: 60 and 1 are neighbors. */
const areNeighbors = (a: number, b: number): boolean => Math.abs(a - b) === 1 || Math.abs(a - b) === 59;

/**
 * The zone and side of the equator of most places; the lower zone and the north where two have as
 * many.
 * @returns undefined without a place that UTM covers, and where they are in more than two zones, or
 *   in two that are not next to each other
 */
export function chooseUtmZone(places: readonly Degrees[]): UtmZone | undefined {
  const covered = places.filter(isCovered);
  const counts = new Map<number, number>();
  for (const [longitude] of covered) {
    const zone = findZone(longitude);
    counts.set(zone, (counts.get(zone) ?? 0) + 1);
  }
  const [first, second = first] = [...counts.keys()];
  if (first === undefined || counts.size > MOST_ZONES) return undefined;
  if (second !== first && !areNeighbors(first, second!)) return undefined;
  const [[zone]] = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]) as [[number, number]];
  const south = 2 * covered.filter(([, latitude]) => latitude < 0).length > covered.length;
  return { zone, south, epsg: (south ? 32_700 : 32_600) + zone, name: `${zone}${south ? 'S' : 'N'}` };
}

/**
 * A function from degrees to meters east and north, to the millimeter. Places of the next zone and
 * of the other side of the equator go on without a jump: distances are right across both.
 * @returns undefined for a place that UTM does not cover
 */
export function makeUtm({ zone, south }: UtmZone): (place: Degrees) => [x: number, y: number] | undefined {
  const { forward } = proj4(
    '+proj=longlat +datum=WGS84 +no_defs',
    `+proj=utm +zone=${zone}${south ? ' +south' : ''} +datum=WGS84 +units=m +no_defs`,
  );
  const round = (meters: number): number => Number(meters.toFixed(3)) + 0;
  return (place) => {
    if (!isCovered(place)) return undefined;
    const [x, y] = forward([...place]);
    return [round(x), round(y)];
  };
}
