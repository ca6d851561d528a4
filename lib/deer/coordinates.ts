// The coordinates of a location, as databases keep them: {lat, lon} in degrees (WGS 84).

/** [longitude, latitude] as far as they are there and on the globe. */
export function readCoordinates(coordinates: unknown): [longitude: number, latitude: number] | undefined {
  const { lat, lon } = (coordinates ?? {}) as { lat?: unknown; lon?: unknown };
  if (typeof lat !== 'number' || typeof lon !== 'number' || !(Math.abs(lat) <= 90) || !(Math.abs(lon) <= 180))
    return undefined;
  return [lon, lat];
}
