// Coordinates of locations in degrees (WGS 84): as databases keep them, and the distance between
// two.

/** [longitude, latitude] as far as they are there and on the globe. */
export function readCoordinates(coordinates: unknown): [longitude: number, latitude: number] | undefined {
  const { lat, lon } = (coordinates ?? {}) as { lat?: unknown; lon?: unknown };
  if (typeof lat !== 'number' || typeof lon !== 'number' || !(Math.abs(lat) <= 90) || !(Math.abs(lon) <= 180))
    return undefined;
  return [lon, lat];
}

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
