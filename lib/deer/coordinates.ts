// Coordinates of locations in degrees (WGS 84): as databases keep them, and the distance between
// two.

import type { Precision } from '../precision.ts';

/** [longitude, latitude] as far as they are there and on the globe. */
export function readCoordinates(coordinates: unknown): [longitude: number, latitude: number] | undefined {
  const { lat, lon } = (coordinates ?? {}) as { lat?: unknown; lon?: unknown };
  if (typeof lat !== 'number' || typeof lon !== 'number' || !(Math.abs(lat) <= 90) || !(Math.abs(lon) <= 180))
    return undefined;
  return [lon, lat];
}

/** Degrees to which coordinates are rounded. */
export const ROUNDED_DEGREES = 0.01;
/**
 * Meters between a location and its rounded coordinates at most: half the diagonal of a cell at the
 * equator, where a degree of longitude is longest (111,320 m).
 */
export const ROUNDED_METERS = Math.ceil(Math.SQRT2 * (ROUNDED_DEGREES / 2) * 111_320);

/** The one way in which exports write coordinates. */
export interface Locator {
  precision: Precision;
  /** [longitude, latitude] as it may be published. */
  locate(coordinates: unknown): [longitude: number, latitude: number] | undefined;
  /** Camtrap DP's coordinateUncertainty in meters. @param known of the exact coordinates */
  uncertainty(known: number | undefined): number | undefined;
}

const round = (degrees: number): number =>
  Number((Math.round(degrees / ROUNDED_DEGREES) * ROUNDED_DEGREES).toFixed(2)) + 0;

export const makeLocator = (precision: Precision): Locator => ({
  precision,
  locate(coordinates) {
    const point = precision === 'withheld' ? undefined : readCoordinates(coordinates);
    return point === undefined || precision === 'exact' ? point : [round(point[0]), round(point[1])];
  },
  uncertainty(known) {
    if (precision === 'exact') return known;
    return precision === 'withheld' ? undefined : ROUNDED_METERS + (known ?? 0);
  },
});

/** What README.txt says of coordinates that are not exact. */
export const PRECISION_NOTES: Readonly<Record<Precision, string | undefined>> = {
  exact: undefined,
  rounded: `Coordinates are rounded to ${ROUNDED_DEGREES} degree: a location is within ${ROUNDED_METERS} m of them.`,
  withheld: 'Coordinates are withheld.',
};

/** A location as it is read; null where a coordinate is not known. */
export interface Point {
  lat: number | null;
  lon: number | null;
}

const EARTH_METERS = 6_371_000;

/** Great-circle distance (haversine formula); undefined without coordinates. */
export function metersBetween(a: Point | undefined, b: Point | undefined): number | undefined {
  if (a?.lat == null || a.lon == null || b?.lat == null || b.lon == null) return undefined;
  const rad = Math.PI / 180;
  const [dLat, dLon] = [(b.lat - a.lat) * rad, (b.lon - a.lon) * rad];
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_METERS * Math.asin(Math.min(1, Math.sqrt(h)));
}
