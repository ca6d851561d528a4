// sites.geojson: the places of a survey as RFC 7946 points, for any GIS.
import { onOneLine, plainJson } from '../../../plain-text.ts';
import { ratePer100 } from '../../season/index.ts';
import type { Survey } from './load.ts';

const round = (value: number | null): number | null => (value === null ? null : Number(value.toFixed(4)));

/**
 * Longitude before latitude, WGS 84 and no other system; a place without coordinates has no
 * geometry, which the standard allows.
 */
export function* geoJson({ sites, stations, cameras, eventsAt }: Survey): Generator<string> {
  yield '{"type":"FeatureCollection","features":[';
  const byStation = Map.groupBy(cameras, ({ station }) => station);
  for (const [index, { id, point, effort, derived, habitat, bait }] of sites.sites.entries()) {
    const station = stations.get(id)!;
    const own = byStation.get(station) ?? [];
    const nights = Number(effort.reduce((sum, of) => sum + of, 0).toFixed(4));
    const events = eventsAt.get(id) ?? 0;
    yield `${index === 0 ? '' : ','}\n${plainJson({
      type: 'Feature',
      id,
      geometry: point === undefined ? null : { type: 'Point', coordinates: point },
      properties: {
        station,
        first_day: own.map(({ setup }) => setup).sort()[0] ?? null,
        last_day:
          own
            .map(({ retrieval }) => retrieval)
            .sort()
            .at(-1) ?? null,
        trap_nights: nights,
        effort_source: derived ? 'images' : 'deployments',
        events,
        events_per_100_trap_nights: round(ratePer100(events, nights)),
        habitat: habitat === null ? null : onOneLine(habitat),
        bait,
      },
    })}`;
  }
  yield '\n]}\n';
}
